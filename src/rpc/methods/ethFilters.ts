import { refused } from '../errors.ts'
import { requireReceipts } from '../executed.ts'
import { findLogs, logFilterKind } from '../logFilter.ts'
import { defineMethod } from '../method.ts'
import { booleanKind, optional, required, textKind } from '../params.ts'

const id = required('filterId', textKind)
const logFilter = required('filter', logFilterKind)

/** The `eth_` methods about filters that are polled. */
export const ethFilterMethods = [
  defineMethod({
    name: 'eth_newFilter',
    params: [logFilter],
    result: 'filter id',
    summary: 'Starts collecting logs for eth_getFilterChanges.',
    handler: ({ node, filters }, filter) => {
      requireReceipts(node.chain)
      return filters.add({ kind: 'logs', filter })
    },
  }),
  defineMethod({
    name: 'eth_newBlockFilter',
    params: [],
    result: 'filter id',
    summary: 'Starts collecting the hashes of blocks that join the canonical chain.',
    handler: ({ filters }) => filters.add({ kind: 'blocks' }),
  }),
  defineMethod({
    name: 'eth_newPendingTransactionFilter',
    params: [optional('full', booleanKind)],
    result: 'filter id',
    summary: 'Starts collecting transactions that become executable, as hashes or in full.',
    handler: ({ filters }, full) => filters.add({ kind: 'transactions', full: full ?? false }),
  }),
  defineMethod({
    name: 'eth_getFilterChanges',
    params: [id],
    result: 'list of hashes, transactions or logs',
    summary:
      'What a filter has collected since it was last polled. A filter that is not polled for 5 minutes is removed.',
    handler: ({ filters }, id) => filters.changes(id) ?? noFilter(),
  }),
  defineMethod({
    name: 'eth_getFilterLogs',
    params: [id],
    result: 'list of logs',
    summary: 'All logs that match a log filter, whether or not they were collected.',
    handler: ({ node, filters }, id) => {
      const topic = filters.topic(id)
      return topic?.kind === 'logs' ? findLogs(node.chain, topic.filter) : noFilter()
    },
  }),
  defineMethod({
    name: 'eth_uninstallFilter',
    params: [id],
    result: 'whether there was such a filter',
    summary: 'Removes a filter.',
    handler: ({ filters }, id) => filters.remove(id),
  }),
  defineMethod({
    name: 'eth_getLogs',
    params: [logFilter],
    result: 'list of logs',
    summary: 'The logs of a block or of a range of up to 10,000 blocks; transfers make none.',
    handler: ({ node }, filter) => findLogs(node.chain, filter),
  }),
]

function noFilter(): never {
  throw refused('filter-not-found', 'filter not found')
}
