import { performance } from "node:perf_hooks";

/** The ways out of a simulated world that the compiler and the linter cannot close: a dependency may use them. */
const WAYS_OUT: readonly (readonly [holder: object, name: string])[] = [
  [Math, "random"],
  [Date, "now"],
  [performance, "now"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "setImmediate"],
  [globalThis.crypto, "getRandomValues"],
  [globalThis.crypto, "randomUUID"],
  [process, "hrtime"],
  [process, "nextTick"],
];

/** Somebody used real time, real chance or a real timer inside a simulated run: it proves nothing. */
export class RealWorldTouched extends Error {
  override readonly name = "RealWorldTouched";
}

/**
 * Runs a simulation with every known way to real time, chance and timers wired: a touch throws where it
 * happens, and again at the end, so that code which swallows errors cannot hide it.
 *
 * @throws RealWorldTouched
 */
export function withTripwire<T>(simulate: () => T): T {
  const touched: string[] = [];
  const restore = WAYS_OUT.map(([holder, name]) => wire(holder, name, touched));
  let result: T;
  try {
    result = simulate();
  } finally {
    for (const undo of restore) {
      undo();
    }
  }
  if (touched.length > 0) {
    throw new RealWorldTouched(`simulated code used ${[...new Set(touched)].join(", ")}`);
  }
  return result;
}

function wire(holder: object, name: string, touched: string[]): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, {
    configurable: true,
    value: () => {
      touched.push(name);
      throw new RealWorldTouched(`simulated code used ${name}`);
    },
  });
  return () => {
    if (own === undefined) {
      Reflect.deleteProperty(holder, name);
    } else {
      Object.defineProperty(holder, name, own);
    }
  };
}
