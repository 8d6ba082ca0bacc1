import { pino } from 'pino'

/** From all that is logged to nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
/** One of {@link LOG_LEVELS}: what is below it is not logged. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What stands beside the sentence of a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Structured log: a constant sentence and fields beside it, so that lines of one kind can be
 * counted.
 */
export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger
}

/** Logs nothing. */
export const silentLogger: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
}

/**
 * JSON lines on standard error: standard output belongs to the program's answers. Written
 * asynchronously.
 *
 * @param write takes the lines instead: of who shows something else on the same terminal.
 */
export function createLogger(
  level: LogLevel,
  fields: LogFields = {},
  write?: (line: string) => void,
): Logger {
  const destination = write ? { write } : pino.destination({ dest: 2, sync: false })
  return wrap(pino({ level, base: { pid: process.pid, ...fields } }, destination))
}

function wrap(log: pino.Logger): Logger {
  return {
    trace: (message, fields) => log.trace(fields ?? {}, message),
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (fields) => wrap(log.child(fields)),
  }
}
