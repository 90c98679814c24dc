/** The part of `fs-native-extensions` used here; the package ships no types of its own. */
declare module "fs-native-extensions" {
  /**
   * Asks for an exclusive lock on an open, writable file. False when another open file description, in
   * this process or another, holds it. Linux: an OFD lock; macOS: flock; Windows: LockFileEx.
   */
  export function tryLock(fd: number): boolean;
  export function unlock(fd: number): void;
}
