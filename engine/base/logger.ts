/**
 * Where diagnostic events go: any pino-compatible logger fits. Every event has a stable `event` name;
 * the message is for people.
 */
export interface Logger {
  debug(details: Record<string, unknown>, message: string): void;
  info(details: Record<string, unknown>, message: string): void;
  warn(details: Record<string, unknown>, message: string): void;
  error(details: Record<string, unknown>, message: string): void;
}

const nothing = (): void => {};

/** A logger that cannot harm: what it throws is dropped. A store must not stop because its log server is down. */
export function guarded(logger: Logger): Logger {
  const call =
    (level: keyof Logger) =>
    (details: Record<string, unknown>, message: string): void => {
      try {
        logger[level](details, message);
      } catch {
        // Nobody is left to tell.
      }
    };
  return { debug: call("debug"), info: call("info"), warn: call("warn"), error: call("error") };
}

/** The default. */
export const SILENT_LOGGER: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
