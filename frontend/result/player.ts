/** The page's clock: everything that shows a moment listens here, everything that jumps goes through here.
 *
 * It is the video's time; where the reader may not see the film there is none, and the clock stands where it was put.
 */

type Listener = (seconds: number) => void;

export class Player {
  private readonly listeners: Listener[] = [];
  private now = 0;
  /** Where playing stops by itself. */
  private until = Number.POSITIVE_INFINITY;

  constructor(
    readonly video: HTMLVideoElement | null,
    private readonly lastTime: number,
  ) {
    if (!video) return;
    for (const name of ["seeking", "seeked", "timeupdate", "loadedmetadata"]) {
      video.addEventListener(name, () => this.tell(video.currentTime));
    }
    this.follow(video);
  }

  /** Seconds; the end of the curves where there is no video, or it does not know its length yet. */
  get duration(): number {
    const known = this.video?.duration ?? Number.NaN;
    return Number.isFinite(known) && known > 0 ? known : this.lastTime;
  }

  get time(): number {
    return this.video ? this.video.currentTime : this.now;
  }

  onTime(listener: Listener): void {
    this.listeners.push(listener);
    listener(this.time);
  }

  seek(seconds: number): void {
    this.until = Number.POSITIVE_INFINITY;
    const inside = Math.min(Math.max(0, seconds), Math.max(0, this.duration - 0.001));
    if (this.video) this.video.currentTime = inside;
    this.tell(inside);
  }

  /** Jump and stand still: for one frame that shows something. */
  show(seconds: number): void {
    this.video?.pause();
    this.seek(seconds);
  }

  /** Jump and play: for a whole repetition, or up to a moment. */
  playFrom(seconds: number, until = Number.POSITIVE_INFINITY): void {
    this.seek(seconds);
    this.until = until;
    this.play();
  }

  toggle(): void {
    if (this.video?.paused) this.play();
    else this.video?.pause();
  }

  setSpeed(rate: number): void {
    if (this.video) this.video.playbackRate = rate;
  }

  /** A browser may refuse to play; the jump before it stands. */
  private play(): void {
    void this.video?.play().catch(() => undefined);
  }

  private tell(seconds: number): void {
    if (seconds >= this.until) {
      this.until = Number.POSITIVE_INFINITY;
      this.video?.pause();
    }
    if (seconds === this.now) return;
    this.now = seconds;
    for (const listener of this.listeners) listener(seconds);
  }

  /** While playing: by presented frame where the browser tells (the exact picture), else by screen refresh. */
  private follow(video: HTMLVideoElement): void {
    if (typeof video.requestVideoFrameCallback === "function") {
      const onFrame: VideoFrameRequestCallback = (_now, frame) => {
        if (!video.seeking) this.tell(frame.mediaTime);
        video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);
      return;
    }
    const onRefresh = (): void => {
      this.tell(video.currentTime);
      if (!video.paused) requestAnimationFrame(onRefresh);
    };
    video.addEventListener("play", () => requestAnimationFrame(onRefresh));
  }
}
