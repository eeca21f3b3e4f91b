/** The video as the page's clock: everything that shows a moment listens here, everything that jumps goes through here. */

type Listener = (seconds: number) => void;

export class Player {
  private readonly listeners: Listener[] = [];
  private shown = Number.NaN;

  constructor(
    readonly video: HTMLVideoElement,
    private readonly lastTime: number,
  ) {
    for (const name of ["seeking", "seeked", "timeupdate", "loadedmetadata"]) {
      video.addEventListener(name, () => this.tell(video.currentTime));
    }
    this.follow();
  }

  /** Seconds; the end of the curves where the video does not know its length yet. */
  get duration(): number {
    return Number.isFinite(this.video.duration) && this.video.duration > 0 ? this.video.duration : this.lastTime;
  }

  get time(): number {
    return this.video.currentTime;
  }

  onTime(listener: Listener): void {
    this.listeners.push(listener);
    listener(this.video.currentTime);
  }

  seek(seconds: number): void {
    this.video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, this.duration - 0.001));
    this.tell(this.video.currentTime);
  }

  /** Jump and stand still: for one frame that shows something. */
  show(seconds: number): void {
    this.video.pause();
    this.seek(seconds);
  }

  /** Jump and play: for a whole repetition. A browser may refuse to play; the jump stands. */
  playFrom(seconds: number): void {
    this.seek(seconds);
    void this.video.play().catch(() => undefined);
  }

  toggle(): void {
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  private tell(seconds: number): void {
    if (seconds === this.shown) return;
    this.shown = seconds;
    for (const listener of this.listeners) listener(seconds);
  }

  /** While playing: by presented frame where the browser tells (the exact picture), else by screen refresh. */
  private follow(): void {
    const video = this.video;
    if ("requestVideoFrameCallback" in video) {
      const onFrame: VideoFrameRequestCallback = (_now, frame) => {
        if (!video.seeking) this.tell(frame.mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
      return;
    }
    const onRefresh = (): void => {
      this.tell((video as HTMLVideoElement).currentTime);
      if (!(video as HTMLVideoElement).paused) requestAnimationFrame(onRefresh);
    };
    (video as HTMLVideoElement).addEventListener("play", () => requestAnimationFrame(onRefresh));
  }
}
