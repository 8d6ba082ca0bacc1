import { expect, test } from 'vitest'
import { printable, withoutControl } from '../../src/lib/plainText.ts'

test('a text of a file is shown without control characters, with its lines, tabs and letters', () => {
  expect(withoutControl('\u001b[31mred\u0000\r\u009b1m\u007f')).toBe('?[31mred???1m?')
  expect(withoutControl('a\tb\nZürich, 東京 🌍')).toBe('a\tb\nZürich, 東京 🌍')
})

test('a text of a peer is shown with its plain characters alone', () => {
  expect(printable(new TextEncoder().encode('ok \u001b[2J\nü'))).toBe('ok ?[2J??')
  expect(printable(new Uint8Array())).toBe('')
})
