/**
 * The set-up of a checkout, with the real npm, on a project of two packages that need no network.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url))
/** The "compiler": copies each source, as the real one does, and never removes what it wrote. */
const COMPILER = `const { cpSync, writeFileSync } = require('node:fs')
cpSync('src', 'dist', { recursive: true })
for (const name of require('node:fs').readdirSync('src'))
  for (const output of [name + '.map', name.replace('.js', '.d.ts')]) writeFileSync('dist/' + output, '')
writeFileSync('dist/.tsbuildinfo', '')
`
/** Runs while npm installs; says so to the test and goes on when the test hangs up. */
const INSTALL_SCRIPT = `const { existsSync, readFileSync } = require('node:fs')
const port = readFileSync(process.env.INIT_CWD + '/port', 'utf8')
if (port !== '') require('node:net').connect(Number(port)).on('close', () => {}).resume()
`
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url))
const RUN = `import { setUp } from './scripts/setup.mjs'
await setUp()
process.stdout.write('ready')
`

interface Starter {
  readonly uid?: number
  readonly program?: string
}

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

describe('the set-up', () => {
  let root = ''
  let server: Server
  let installing: Promise<Socket>

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'grapevine-set-up-'))
    cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true })
    write('package.json', '{"name":"small","version":"1.0.0","type":"module"}')
    write('run.mjs', RUN)
    write('src/a.js', 'first')
    pack('typescript', { 'bin/tsc': COMPILER }, {})
    pack('slow', { 'install.cjs': INSTALL_SCRIPT }, { install: 'node install.cjs' })
    write('port', '')
    npm('install', '--package-lock-only', './typescript.tgz', './slow.tgz')
    server = createServer()
    installing = new Promise((resolve) => server.once('connection', resolve))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve))
    rmSync(root, { recursive: true, force: true })
  })

  function write(file: string, text: string): void {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), text)
  }

  function npm(...args: readonly string[]): void {
    const { status, stderr } = spawnSync('npm', [...args, '--offline', '--no-audit'], { cwd: root })
    if (status !== 0) throw new Error(String(stderr))
  }

  function pack(name: string, files: Readonly<Record<string, string>>, scripts: object): void {
    write(`${name}/package/package.json`, JSON.stringify({ name, version: '1.0.0', scripts }))
    for (const [file, text] of Object.entries(files)) write(`${name}/package/${file}`, text)
    spawnSync('tar', ['-czf', `${name}.tgz`, '-C', name, 'package'], { cwd: root })
  }

  /**
   * The next installation stops in the middle, until the test ends the connection that it makes.
   */
  function holdInstallation(): void {
    const address = server.address()
    write('port', typeof address === 'object' ? String(address?.port) : '')
  }

  /**
   * As a user who owns nothing here, which root must become to be refused anything; that user may
   * run `program`.
   */
  function start({ uid, program = process.execPath }: Starter = {}): {
    child: ChildProcess
    ended: Promise<Ended>
    says(text: string): Promise<void>
  } {
    const child = spawn(program, ['run.mjs'], {
      cwd: root,
      detached: true,
      env: { ...process.env, CHECKOUT_SET_UP: '' },
      ...(uid !== undefined && { uid }),
    })
    const text = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal, ...text }))
    })
    const says = (wanted: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => (text.stderr.includes(wanted) ? resolve() : undefined)
        child.stderr.on('data', look)
        look()
        void ended.then(({ stderr }) => reject(new Error(`never said "${wanted}": ${stderr}`)))
      })
    return { child, ended, says }
  }

  const dist = (file: string): string => join(root, 'dist', file)
  const ready = { code: 0, stdout: 'ready' }

  test('installs and builds once, and does nothing the second time', async () => {
    const first = await start().ended
    expect(first).toMatchObject(ready)
    expect(first.stderr).toContain('installing')
    expect(readFileSync(dist('a.js'), 'utf8')).toBe('first')
    expect(await start().ended).toMatchObject({ ...ready, stderr: '' })
  })

  test('takes an installation by hand for what it is', async () => {
    npm('ci')
    const { stderr, ...ended } = await start().ended
    expect(ended).toMatchObject(ready)
    expect(stderr).toBe('grapevine: building ...\n')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends npm when %s comes in the middle, and the next start installs anew',
    async (signal) => {
      holdInstallation()
      const { child, ended } = start()
      const connection = await installing
      const hungUp = new Promise((resolve) => connection.once('close', resolve))
      child.kill(signal)
      expect(await ended).toMatchObject({ code: null, signal, stdout: '' })
      await hungUp
      write('port', '')
      expect(await start().ended).toMatchObject(ready)
    },
  )

  test('repairs what was lost of an installation', async () => {
    await start().ended
    rmSync(join(root, 'node_modules/slow'), { recursive: true })
    const { stderr, ...ended } = await start().ended
    expect(ended).toMatchObject(ready)
    expect(stderr).toContain('node_modules/slow is damaged')
    expect(existsSync(join(root, 'node_modules/slow/package.json'))).toBe(true)
  })

  test('of two at once the second waits, and installs nothing', async () => {
    holdInstallation()
    const first = start()
    const connection = await installing
    const second = start()
    await second.says(`waiting for the set-up of process ${first.child.pid}`)
    connection.end()
    expect(await first.ended).toMatchObject(ready)
    const { stderr, ...ended } = await second.ended
    expect(ended).toMatchObject(ready)
    expect(stderr).not.toContain('installing')
  })

  test('waits for the npm that a killed start left behind, then goes on by itself', async () => {
    holdInstallation()
    const first = start()
    const connection = await installing
    const killed = new Promise((resolve) => first.child.once('exit', resolve))
    first.child.kill('SIGKILL')
    await killed
    const second = start()
    await second.says('waiting for the set-up of process')
    connection.end()
    expect(await second.ended).toMatchObject(ready)
  })

  test('installs nothing under a process that runs from what is installed', async () => {
    write('run.mjs', `${RUN}setInterval(() => {}, 1000)`)
    const running = start()
    await new Promise((resolve) => running.child.stdout?.once('data', resolve))
    rmSync(join(root, 'node_modules/slow/package.json'))
    const { code, stderr } = await start().ended
    expect(code).toBe(1)
    expect(stderr).toContain(`but process ${running.child.pid} runs from it`)
    expect(existsSync(join(root, 'node_modules/slow/install.cjs'))).toBe(true)
    running.child.kill()
    await running.ended
  })

  test('removes the output of a source that is gone, and writes one that is missing', async () => {
    write('src/b.js', 'other')
    await start().ended
    rmSync(join(root, 'src/b.js'))
    rmSync(dist('a.js'))
    expect(await start().ended).toMatchObject(ready)
    expect([existsSync(dist('a.js')), existsSync(dist('b.js'))]).toEqual([true, false])
  })

  describe('of a checkout that cannot be written', () => {
    const NOBODY = 65_534
    /** The home of Node may be closed to others, as a temporary folder is: they get a copy. */
    const copyNode = (): void => cpSync(realpathSync(process.execPath), join(root, 'node'))
    const asOther = (): Starter =>
      process.getuid?.() === 0 ? { uid: NOBODY, program: join(root, 'node') } : {}
    const lock = (): void => {
      copyNode()
      spawnSync('chmod', ['-R', 'a+rX,a-w', root])
    }

    afterEach(() => {
      spawnSync('chmod', ['-R', 'u+w', root])
    })

    test('does nothing where all is in place', async () => {
      await start().ended
      lock()
      expect(await start(asOther()).ended).toMatchObject({ ...ready, stderr: '' })
    })

    test('says what is missing and who can mend it', async () => {
      await start().ended
      write('src/a.js', 'second')
      lock()
      const { code, stdout, stderr } = await start(asOther()).ended
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('dist/ is not what the sources compile to')
      expect(stderr).toContain(`may not write to ${root} (E`)
    })
  })

  test('builds anew when a source changed', async () => {
    await start().ended
    write('src/a.js', 'second')
    await start().ended
    expect(readFileSync(dist('a.js'), 'utf8')).toBe('second')
  })
})

describe('the scripts of npm', () => {
  test('take the place of their shell, which would keep signals of npm from them', () => {
    const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: object }
    const shielded = Object.values(scripts).filter((script) => String(script).startsWith('node '))
    expect(shielded).toEqual([])
  })

  test('run with cmd.exe too, which has no exec and takes commands from the folder of the package', () => {
    const file = readFileSync(join(PACKAGE, '..', 'exec.cmd'), 'utf8')
    expect(file.trim()).toBe('@%*')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('end when %s is sent to npm alone', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'grapevine-npm-'))
    const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as {
      scripts: Readonly<Record<string, string>>
    }
    const started = { start: scripts['start'] }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', scripts: started }))
    mkdirSync(join(folder, 'scripts'))
    writeFileSync(
      join(folder, 'scripts', 'start.mjs'),
      `process.on('${signal}', () => { process.stdout.write('heard'); process.exit(5) })
      setInterval(() => {}, 1000)
      process.stdout.write('up')`,
    )
    const npm = spawn('npm', ['--silent', 'start'], { cwd: folder, detached: true })
    let said = ''
    const up = new Promise<void>((resolve) => {
      npm.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('up')) resolve()
      })
    })
    const ended = new Promise((resolve) => npm.once('close', resolve))
    await up
    npm.kill(signal)
    expect(await ended).toBe(5)
    expect(said).toContain('heard')
    rmSync(folder, { recursive: true })
  })
})
