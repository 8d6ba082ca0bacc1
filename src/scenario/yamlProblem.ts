/** What is wrong with a text that is no YAML as files of this program have it. */
import type { YAMLError } from 'yaml'

/** One line that says what to do; the parser's own words where they are good enough. */
export function yamlProblem({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  if (code === 'MULTIPLE_DOCS')
    return 'more than one document: keep one in a file, without --- after it'
  const [first = ''] = message.split('\n')
  return first.replace(/:$/, '')
}
