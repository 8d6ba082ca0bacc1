/** Before `npm pack`: the program that is packed is the one that these sources compile to. */
import { setUp } from './setup.mjs'

await setUp()
