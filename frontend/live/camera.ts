/** The camera and the screen's light. */

export class CameraProblem extends Error {
  constructor(readonly code: "camera_refused" | "camera_none" | "camera_busy") {
    super(code);
  }
}

/** The person's camera, upright and small enough: the model looks at 256 pixels of it. */
export async function openCamera(video: HTMLVideoElement, facing: string): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraProblem("camera_none");
  const portrait = innerHeight > innerWidth;
  const [width, height] = portrait ? [480, 640] : [640, 480];
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: facing, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 30 } },
    });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") throw new CameraProblem("camera_refused");
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new CameraProblem("camera_none");
    throw new CameraProblem("camera_busy");
  }
}

/** Keep the screen on while the block's owner wants it; asked again when the page comes back to the front. */
export class Awake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (this.wanted && document.visibilityState === "visible") void this.ask();
    });
  }

  on(): void {
    this.wanted = true;
    void this.ask();
  }

  off(): void {
    this.wanted = false;
    void this.lock?.release();
    this.lock = null;
  }

  private async ask(): Promise<void> {
    try {
      this.lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      this.lock = null; // low battery: the person's own setting
    }
  }
}
