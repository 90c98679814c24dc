import crypto from "node:crypto";
import type { SubjectWorld } from "../../../sim/subjects/subject.ts";

type Chance = Pick<SubjectWorld, "nowMs" | "random">;

/**
 * Replaces time and chance in this process while some work is done, for code that takes them from nowhere
 * else. They are put back afterwards, however it ends.
 */
export async function withWorldGlobals<T>(chance: Chance, work: () => Promise<T>): Promise<T> {
  const fill = <A extends ArrayBufferView>(target: A): A => {
    chance.random(new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
    return target;
  };
  const undo = [
    replace(globalThis, "Date", virtualDate(chance)),
    replace(performance, "now", () => chance.nowMs()),
    replace(Math, "random", () => {
      return fill(new Uint32Array(1)).reduce((_, word) => word / 2 ** 32, 0);
    }),
    replace(crypto, "randomFillSync", fill),
    replace(globalThis.crypto, "getRandomValues", fill),
  ];
  try {
    return await work();
  } finally {
    for (const putBack of undo) {
      putBack();
    }
  }
}

function virtualDate({ nowMs }: Chance): DateConstructor {
  return new Proxy(Date, {
    apply: (target) => new target(nowMs()).toString(),
    construct: (target, given: unknown[]) =>
      Reflect.construct(target, given.length === 0 ? [nowMs()] : given),
    get: (target, name, receiver) =>
      name === "now" ? nowMs : (Reflect.get(target, name, receiver) as unknown),
  });
}

function replace(holder: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { configurable: true, writable: true, value });
  return () => {
    if (own === undefined) {
      Reflect.deleteProperty(holder, name);
    } else {
      Object.defineProperty(holder, name, own);
    }
  };
}
