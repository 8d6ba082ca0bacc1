import { expect, test } from 'vitest'
import { accuserGroup } from '../../src/membership/accuserGroup.ts'
import { memberRecord } from '../builders/members.ts'

function member(peer: string, ...addresses: readonly string[]) {
  return memberRecord(peer, { addresses })
}

const PUBLIC = member('accused', '/ip4/203.0.113.9/tcp/9000')
const LOCAL = member('accused', '/ip4/127.0.0.1/tcp/9000')

test.each([
  ['/ip4/198.51.100.7/tcp/1', '198.51.100'],
  ['/ip6/2001:db8::7/tcp/1', '2001:db8:0::'],
  ['/dns4/a.nodes.example/tcp/1', 'nodes.example'],
])('an accuser at %s counts with all of %s', (address, group) => {
  expect(accuserGroup(member('a', address), PUBLIC)).toBe(group)
  expect(accuserGroup(member('b', address), LOCAL)).toBe(group)
})

test.each([
  '/ip4/127.0.0.1/tcp/1',
  '/ip4/10.1.2.3/tcp/1',
  '/ip4/172.20.0.1/tcp/1',
  '/ip6/fd00::1/tcp/1',
  '/ip6/::1/tcp/1',
])(
  'accusers at %s count one by one in a private network, and as one against a public member',
  (address) => {
    expect(accuserGroup(member('a', address), LOCAL)).toBe('a')
    expect(accuserGroup(member('a', address), PUBLIC)).toBe(
      accuserGroup(member('b', address), PUBLIC),
    )
  },
)

test('a hundred accusers of one network count as one', () => {
  const groups = Array.from({ length: 100 }, (_, index) =>
    accuserGroup(member(`sybil ${index}`, `/ip4/198.51.100.${index}/tcp/9000`), PUBLIC),
  )
  expect(new Set(groups).size).toBe(1)
})
