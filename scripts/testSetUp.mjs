/**
 * What vitest does once before any test, however it was started: builds, so that the tests of the
 * built program never run an old one. Never installs, since vitest itself runs from `node_modules`,
 * and keeps processes of the tests from doing so.
 */
import { markSetUp, setUp } from './setup.mjs'

export async function setup(project) {
  await setUp({ mayInstall: false })
  markSetUp()
  project.onTestsRerun(rebuild)
}

/** With `npx vitest`, tests run again at every change of a source. */
async function rebuild() {
  await setUp({ mayInstall: false, isDone: false })
}
