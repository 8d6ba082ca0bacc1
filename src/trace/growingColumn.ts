/**
 * Columns of numbers for the rings of the trace: they take memory as they fill, not when they are
 * made. A node that has seen little costs little, which matters where thousands share a process.
 */

/** Records for which a new column has room. */
const FIRST_RECORDS = 64

type NumberArray = Float64Array | Uint32Array | Uint16Array

/**
 * Doubles the room of a column until `at` fits, and not beyond `capacity`; answers the column to
 * use from now on.
 */
export function withRoomFor<Column extends NumberArray>(
  column: Column,
  at: number,
  capacity: number,
  make: (length: number) => Column,
): Column {
  if (at < column.length) return column
  const length = Math.min(capacity, Math.max(FIRST_RECORDS, column.length * 2, at + 1))
  const larger = make(length)
  larger.set(column)
  return larger
}

/** Makes a column of 64-bit floats. */
export const floats = (length: number): Float64Array => new Float64Array(length)
/** Makes a column of 32-bit counts. */
export const counts = (length: number): Uint32Array => new Uint32Array(length)
/** Makes a column of codes of 16 bits. */
export const codes = (length: number): Uint16Array => new Uint16Array(length)
