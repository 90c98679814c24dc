import type { SubjectWorld } from "../../../sim/subjects/subject.ts";
import type { WasmImports } from "./emscripten.ts";

/** Numbers of the clocks of WASI, and of its errors. */
const CLOCKS = 4;
const EINVAL = 28;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/**
 * Gives a WebAssembly program the time and the chance of a world, by replacing what it imports: nothing
 * else in this process notices. Timers never ring, since they would in real time.
 */
export function replaceWorld(
  imports: WasmImports,
  world: Pick<SubjectWorld, "nowMs" | "random">,
  memory: () => Uint8Array,
): void {
  const now = (): number => world.nowMs();
  Object.assign(imports, {
    emscripten_date_now: now,
    emscripten_get_now: now,
    clock_time_get: (clock: number, _precision: bigint, target: number) => {
      if (clock >= CLOCKS) {
        return EINVAL;
      }
      const { buffer, byteOffset } = memory();
      const nanoseconds = BigInt(now()) * NANOSECONDS_PER_MILLISECOND;
      new DataView(buffer, byteOffset).setBigUint64(target, nanoseconds, true);
      return 0;
    },
    random_get: (target: number, bytes: number) => {
      world.random(memory().subarray(target, target + bytes));
      return 0;
    },
    _setitimer_js: () => 0,
  });
}
