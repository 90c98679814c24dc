/** Numbers of SQLite's C interface (sqlite3.h), by its own names. */
export const SQLITE = {
  OK: 0,
  NOMEM: 7,
  IOERR: 10,
  CORRUPT: 11,
  NOTFOUND: 12,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
  ROW: 100,
  DONE: 101,

  // Extended: what was to be done is in the second byte.
  IOERR_READ: 0x10a,
  IOERR_SHORT_READ: 0x20a,
  IOERR_WRITE: 0x30a,
  IOERR_FSYNC: 0x40a,
  IOERR_DIR_FSYNC: 0x50a,
  IOERR_TRUNCATE: 0x60a,
  IOERR_DELETE: 0xa0a,
  IOERR_NOMEM: 0xc0a,
  IOERR_ACCESS: 0xd0a,
  IOERR_CLOSE: 0x100a,
  IOERR_DELETE_NOENT: 0x170a,
  IOERR_CORRUPTFS: 0x210a,

  OPEN_READONLY: 0x1,
  OPEN_READWRITE: 0x2,
  OPEN_CREATE: 0x4,
  OPEN_MAIN_JOURNAL: 0x800,
  OPEN_SUPER_JOURNAL: 0x4000,
  OPEN_WAL: 0x8_0000,

  LOCK_SHARED: 1,

  FCNTL_LOCKSTATE: 1,
  FCNTL_SIZE_HINT: 5,
  FCNTL_PERSIST_WAL: 10,
  FCNTL_POWERSAFE_OVERWRITE: 13,

  IOCAP_SEQUENTIAL: 0x400,
  IOCAP_POWERSAFE_OVERWRITE: 0x1000,

  TEXT: 3,
} as const;

/** An extended result code says more; this part of it says what to do. */
export function primaryCode(code: number): number {
  return code & 0xff;
}
