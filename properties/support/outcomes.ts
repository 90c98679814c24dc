import { inspect } from "node:util";
import { isSeawallError } from "../../engine/base/errors.ts";

/** What a call throws or rejects with, now or later; undefined when it does neither. */
export async function reasonOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The code that a call fails with; "done" when it does not fail; anything but a SeawallError in words. */
export async function codeOf(work: () => unknown): Promise<string> {
  const reason = await reasonOf(work);
  if (reason === undefined) {
    return "done";
  }
  return isSeawallError(reason) ? reason.code : inspect(reason);
}

/** A call of a method as untyped code would make it. */
export function untyped(
  target: object,
  method: string,
  ...args: readonly unknown[]
): () => unknown {
  const found: unknown = Reflect.get(target, method);
  if (typeof found !== "function") {
    throw new TypeError(`there is no ${method}`);
  }
  return () => {
    const result: unknown = Reflect.apply(found, target, args);
    return result;
  };
}
