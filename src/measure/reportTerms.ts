/** The words of the report that stand in code as well as in its form. */

/**
 * Raised when a field changes its meaning, goes away, or a field without which a report cannot be
 * drawn is added.
 */
export const REPORT_VERSION = 5

/** Shares of the nodes for which "time to x %" is reported. */
export const COVERAGE_PERCENTS = [50, 90, 95, 99, 100] as const
