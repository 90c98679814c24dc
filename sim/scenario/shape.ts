/** Says where in a document something is wrong, and what was expected there. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";

  constructor(path: string, expected: string, found: unknown) {
    super(`${path === "" ? "the document" : path}: expected ${expected}, found ${shortly(found)}`);
  }
}

/** Checks one value of a parsed JSON document. @throws ShapeError */
export type Shape = (value: unknown, path: string) => void;

function shortly(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

export const text: Shape = (value, path) => {
  if (typeof value !== "string") {
    throw new ShapeError(path, "a text", value);
  }
};

export const flag: Shape = (value, path) => {
  if (typeof value !== "boolean") {
    throw new ShapeError(path, "true or false", value);
  }
};

export function whole(least = 0, most: number = Number.MAX_SAFE_INTEGER): Shape {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || Number(value) < least || Number(value) > most) {
      throw new ShapeError(path, `a whole number from ${least} to ${most}`, value);
    }
  };
}

export function exactly(...allowed: readonly (string | number)[]): Shape {
  return (value, path) => {
    if (!allowed.some((item) => item === value)) {
      throw new ShapeError(path, `one of ${allowed.join(", ")}`, value);
    }
  };
}

export function listOf(item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new ShapeError(path, "a list", value);
    }
    for (const [index, element] of value.entries()) {
      item(element, `${path}[${index}]`);
    }
  };
}

export function optional(shape: Shape): Shape {
  return (value, path) => {
    if (value !== undefined) {
      shape(value, path);
    }
  };
}

/** Named fields; others are refused, because a misspelt field must not be ignored. */
export function record(fields: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    const found = fieldsOf(value, path);
    for (const name of found.keys()) {
      if (!Object.hasOwn(fields, name)) {
        throw new ShapeError(inside(path, name), "no field of that name", found.get(name));
      }
    }
    for (const [name, shape] of Object.entries(fields)) {
      shape(found.get(name), inside(path, name));
    }
  };
}

/** A record whose shape depends on one of its fields. */
export function variants(tag: string, shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    const found = fieldsOf(value, path).get(tag);
    const shape =
      typeof found === "string" && Object.hasOwn(shapes, found) ? shapes[found] : undefined;
    if (shape === undefined) {
      throw new ShapeError(inside(path, tag), `one of ${Object.keys(shapes).join(", ")}`, found);
    }
    shape(value, path);
  };
}

/** Any number of fields that all have one shape. */
export function dictionaryOf(shape: Shape): Shape {
  return (value, path) => {
    for (const [name, element] of fieldsOf(value, path)) {
      shape(element, inside(path, name));
    }
  };
}

function inside(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function fieldsOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError(path, "an object", value);
  }
  return new Map<string, unknown>(Object.entries(value));
}
