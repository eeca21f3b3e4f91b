/** MediaPipe in the browser: the same model file as on the server, from our own addresses. */
import { PoseLandmarker } from "@mediapipe/tasks-vision";
import type { Point } from "./wire.ts";

export interface Found {
  people: number;
  image: Point[] | null;
  world: Point[] | null;
}

export interface Addresses {
  model: string;
  loader: string;
  binary: string;
  plainLoader: string;
  plainBinary: string;
}

/** Whether this browser can run the model at all: it needs WebAssembly, and WebGL to read the camera's pictures. */
export function canRun(): boolean {
  if (typeof WebAssembly === "undefined") return false;
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2"));
}

/** Whether WebGL is drawn by a graphics chip. Software pretends to be one, and is slower than the plain processor. */
function hasGpu(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  return name !== "" && !/swiftshader|llvmpipe|software|basic render/i.test(name);
}

// A tiny module with one SIMD instruction: a browser that refuses it gets the plain build.
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

export class PoseFinder {
  private last = -1;

  private constructor(
    private readonly model: PoseLandmarker,
    readonly delegate: "GPU" | "CPU",
  ) {}

  static async load(at: Addresses): Promise<PoseFinder> {
    const simd = WebAssembly.validate(new Uint8Array(SIMD));
    const files = {
      wasmLoaderPath: simd ? at.loader : at.plainLoader,
      wasmBinaryPath: simd ? at.binary : at.plainBinary,
    };
    const make = (delegate: "GPU" | "CPU"): Promise<PoseLandmarker> =>
      PoseLandmarker.createFromOptions(files, {
        baseOptions: { modelAssetPath: at.model, delegate },
        runningMode: "VIDEO",
        numPoses: 2,
      });
    if (hasGpu()) {
      try {
        return new PoseFinder(await make("GPU"), "GPU");
      } catch {
        // A chip that the model does not run on: the processor does.
      }
    }
    return new PoseFinder(await make("CPU"), "CPU");
  }

  /** How many people are looked for: two while the lifter finds the place, one in the set, where it costs. */
  async lookFor(people: number): Promise<void> {
    await this.model.setOptions({ numPoses: people });
  }

  detect(video: HTMLVideoElement, timeMs: number): Found {
    // The model refuses a time that does not increase.
    this.last = Math.max(this.last + 1, Math.round(timeMs));
    const result = this.model.detectForVideo(video, this.last);
    const found: Found = {
      people: result.landmarks.length,
      image: result.landmarks[0] ?? null,
      world: result.worldLandmarks[0] ?? null,
    };
    result.close();
    return found;
  }
}
