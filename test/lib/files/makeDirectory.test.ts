import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeDirectory } from '../../../src/lib/files/makeDirectory.ts'

let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grapevine-'))
})

afterEach(() => rmSync(dir, { recursive: true }))

test('makes a directory and those above it, and is content with one that is there', () => {
  const path = join(dir, 'a', 'b', 'c')
  makeDirectory(path)
  makeDirectory(path)
  expect(statSync(path).isDirectory()).toBe(true)
})

test('fails where a file stands in the way, on the path or at its end', () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  expect(() => makeDirectory(join(file, 'a', 'b'))).toThrow('ENOTDIR')
  expect(() => makeDirectory(file)).toThrow(`${file} is not a directory`)
})

test.runIf(process.platform === 'linux')('fails at once where the system makes none', () => {
  expect(() => makeDirectory('/proc/grapevine/data')).toThrow('ENOENT')
  expect(() => makeDirectory('/proc/grapevine')).toThrow('ENOENT')
})
