/** The option `--rpc` of the commands that talk to running peers, and how its text is read. */
import { Option } from 'commander'
import { UserError } from '../../lib/userError.ts'

/** `--rpc` of a command that asks one peer. */
export function rpcOption(): Option {
  return new Option('--rpc <url>', 'JSON-RPC URL of a peer').argParser(rpcUrl).makeOptionMandatory()
}

/** Reads several URLs with commas between them, or of an option that is given several times. */
export function rpcUrls(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, ...text.split(',').map(rpcUrl)]
}

function rpcUrl(text: string): string {
  const url = text.trim()
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new UserError(`--rpc: expected an http URL such as http://127.0.0.1:8545, got "${url}"`)
}
