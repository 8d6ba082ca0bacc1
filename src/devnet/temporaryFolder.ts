/** The folder of a network whose files nobody asked to keep. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PREFIX = 'grapevine-devnet-'
/** Holds the id of the process that made the folder and will remove it. */
const OWNER_FILE = 'owner'

/** Makes one for this process, and removes those whose processes ended without removing them. */
export function makeTemporaryFolder(parent = tmpdir()): string {
  removeAbandoned(parent)
  const folder = mkdtempSync(join(parent, PREFIX))
  writeFileSync(join(folder, OWNER_FILE), String(process.pid))
  return folder
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name)
    if (name.startsWith(PREFIX) && isAbandoned(folder))
      rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder of another user, or without a note of its owner, is not ours to remove. */
function isAbandoned(folder: string): boolean {
  try {
    if (statSync(folder).uid !== process.getuid?.()) return false
    return !isRunning(Number(readFileSync(join(folder, OWNER_FILE), 'utf8')))
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
