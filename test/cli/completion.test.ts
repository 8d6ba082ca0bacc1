import { spawnSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import { visibleCommands } from '../../src/cli/completion.ts'
import { program } from '../../src/cli/program.ts'

/** What `grapevine completion` prints. */
async function scriptOf(shell: string): Promise<string> {
  let text = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  await (await program()).parseAsync(['completion', shell], { from: 'user' })
  spy.mockRestore()
  return text
}

/** What bash offers after these words. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = await scriptOf('bash')
  const line = ['grapevine', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _grapevine; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.trim().split('\n')
}

test('bash completes commands, the commands below them, options and names of scenarios', async () => {
  expect(await offered('exp')).toEqual(['experiment', 'export'])
  expect(await offered('inspect', '')).toEqual(['tx', 'block', '--help'])
  expect(await offered('measure', '--repor')).toEqual(['--report-dir'])
  expect(await offered('measure', 'two')).toEqual(['two-peers'])
  expect(await offered('inspect', 'tx', '--fo')).toEqual(['--fork'])
  expect(await offered('simulate', 'two')).toEqual(['two-peers'])
})

test('options that take one of a few values are followed by these', async () => {
  expect(await offered('simulate', '--engine', '')).toEqual(['node', 'router'])
  expect(await offered('measure', '--engine', 'r')).toEqual(['router'])
  expect(await scriptOf('fish')).toContain(" -l engine -x -a 'node router'")
})

test('the scripts of bash and fish have every command', async () => {
  const [fish, bash] = [await scriptOf('fish'), await scriptOf('bash')]
  for (const name of visibleCommands(await program()).map((command) => command.name())) {
    expect(fish).toContain(` -a ${name}\n`)
    expect(bash).toContain(`'${name}')`)
  }
})
