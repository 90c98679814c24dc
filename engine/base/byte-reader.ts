/**
 * Reads what ByteWriter wrote. Never throws and never reads outside its bytes: once anything is out of
 * bounds `failed` stays true and every result is empty, so that a decoder checks once, at its end.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;
  #failed = false;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get failed(): boolean {
    return this.#failed;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  uint8(): number {
    const value = this.#bytes[this.#position];
    if (value === undefined) {
      this.#failed = true;
      return 0;
    }
    this.#position += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i += 1) {
      const byte = this.uint8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#failed ||= !Number.isSafeInteger(value);
        return this.#failed ? 0 : value;
      }
      scale *= 0x80;
    }
    this.#failed = true;
    return 0;
  }

  /** A view, not a copy. */
  blob(): Uint8Array {
    const length = this.varint();
    const end = this.#position + length;
    if (this.#failed || end > this.#bytes.length) {
      this.#failed = true;
      return new Uint8Array(0);
    }
    const found = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return found;
  }

  byteString(): string {
    const length = this.varint();
    const start = this.#position;
    if (this.#failed || start + length > this.#bytes.length) {
      this.#failed = true;
      return "";
    }
    this.#position = start + length;
    return byteStringAt(this.#bytes, start, start + length);
  }
}

const CHUNK = 4096;

/** A string with one code unit per byte: such strings compare as memcmp compares the bytes. */
export function byteStringOf(bytes: Uint8Array): string {
  return byteStringAt(bytes, 0, bytes.length);
}

/** By length: the arguments of the calls that make short strings. */
const SHORT: readonly number[][] = Array.from({ length: 65 }, (_, length) =>
  Array.from({ length }, () => 0),
);

/** Of the bytes from `start` to `end`. In one piece: V8 makes a chain of pieces of a string that grows. */
export function byteStringAt(bytes: Uint8Array, start: number, end: number): string {
  const codes = SHORT[end - start];
  if (codes === undefined) {
    return longText(bytes.subarray(start, end));
  }
  for (let i = 0; i < codes.length; i += 1) {
    codes[i] = bytes[start + i] ?? 0;
  }
  return textOf(codes);
}

function longText(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) {
    return textOf(bytes);
  }
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += textOf(bytes.subarray(start, start + CHUNK));
  }
  return text;
}

const { fromCharCode } = String;

/** `apply` takes the codes as they are: fast for an array that is there already, slower for typed ones. */
function textOf(codes: ArrayLike<number>): string {
  const text: string = Reflect.apply(fromCharCode, undefined, codes);
  return text;
}

export function bytesOfByteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}
