/** `grapevine members`: who is a member of a running network, as one of its peers knows it. */
import { Command } from 'commander'
import { WebSocket } from 'ws'
import {
  memberChangeAnswer,
  membersAnswer,
  type MemberAnswer,
} from '../instrument/rpc/memberAnswers.ts'
import { messageOf } from '../lib/assert.ts'
import { checkedForm } from '../lib/checkedForm.ts'
import { UserError } from '../lib/userError.ts'
import { MEMBER_STATES } from '../membership/member.ts'
import { rpcClient } from '../rpc/client/rpcClient.ts'
import { rpcOption } from './options/rpcUrls.ts'
import { peerAnswer } from '../rpc/client/peerAnswer.ts'
import { untilStopRequested } from './terminal/lifetime.ts'
import { say, writeJson, writeText } from './terminal/output.ts'

interface MembersFlags {
  readonly rpc: string
  readonly watch?: boolean
  readonly json?: boolean
}

/** The command `members`. */
export function membersCommand(): Command {
  return new Command('members')
    .description('list the members of a running network, as one of its peers knows them')
    .addOption(rpcOption())
    .option('--watch', 'go on with a line for every change, until it is asked to end')
    .option('--json', 'write a line of JSON for each member')
    .action(showMembers)
}

async function showMembers({ rpc, watch = false, json = false }: MembersFlags): Promise<void> {
  const ended = watch ? untilStopRequested() : undefined
  const members = await peerAnswer(membersAnswer, rpcClient(rpc), 'gossip_members')
  const show = (member: MemberAnswer): void =>
    json ? writeJson(shown(member)) : writeText(`${lineOf(member)}\n`)
  for (const member of members) show(member)
  if (!json) say(summaryOf(members))
  if (ended !== undefined) await watchMembers(rpc, show, ended)
}

/**
 * Shows changes until `ended` resolves; throws a UserError where the peer does not serve them, or
 * goes away.
 */
async function watchMembers(
  rpc: string,
  show: (member: MemberAnswer) => void,
  ended: Promise<void>,
): Promise<void> {
  const socket = new WebSocket(rpc.replace(/^http/, 'ws'))
  const lost = Promise.withResolvers<never>()
  const fail = (message: string): void =>
    lost.reject(new UserError(`cannot watch the members at ${rpc}: ${message}`))
  socket.on('open', () =>
    socket.send(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'gossip_subscribe', params: ['members'] }),
    ),
  )
  socket.on('message', (data: Buffer) => {
    try {
      const message = checkedForm(
        memberChangeAnswer,
        JSON.parse(String(data)),
        'it sent an unexpected message',
      )
      if ('params' in message) show(message.params.result)
      else if ('error' in message) fail(message.error.message)
    } catch (error) {
      fail(messageOf(error))
    }
  })
  socket.on('error', (error) => fail(messageOf(error)))
  socket.on('close', () => fail('the peer closed the connection'))
  try {
    await Promise.race([ended, lost.promise])
  } finally {
    socket.terminate()
  }
}

/** The fields of a line of JSON. */
function shown({
  peer,
  state,
  incarnation,
  sinceMs,
  toldBy,
  role,
  client,
  addresses,
}: MemberAnswer): MemberAnswer {
  return { peer, state, incarnation, sinceMs, toldBy, role, client, addresses }
}

function lineOf({ peer, state, sinceMs, role, client, addresses }: MemberAnswer): string {
  const since = new Date(sinceMs).toISOString()
  return [peer, state.padEnd(7), since, role.padEnd(6), client, addresses.join(',')].join('  ')
}

function summaryOf(members: readonly MemberAnswer[]): string {
  const counts = MEMBER_STATES.map(
    (state) => `${members.filter((member) => member.state === state).length} ${state}`,
  )
  return `${members.length} members: ${counts.join(', ')}`
}
