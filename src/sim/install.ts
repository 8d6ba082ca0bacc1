/**
 * The first import of a simulating process: from here on its time and its randomness are virtual.
 */
import '../lib/polyfill.ts'
import { installVirtualGlobals } from './time/virtualGlobals.ts'

/** Time and randomness of this process, replaced before anything else was loaded. */
export const virtual = installVirtualGlobals()
