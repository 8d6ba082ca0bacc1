/**
 * `docs/library.api.md`: what the library exports, whole, so that a change of it shows in a review.
 * Read from the sources as they are written: every exported declaration without its body and
 * comments, and every type of this project that these name. Types that are inferred from a schema
 * end there: docs/report.schema.json and docs/scenario.schema.json hold those. Run by itself it
 * prints the page: `node scripts/apiReport.mjs`.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const DOOR = join(root, 'src', 'index.ts')
const printer = ts.createPrinter({ removeComments: true })
const files = new Map()

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(apiReport())

/** The page as text. */
export function apiReport() {
  const exported = doorExports()
  const known = new Map(exported.map(({ name, file, local }) => [keyOf(file, local), name]))
  const led = ledTo(exported, known)
  return [
    '<!-- Made from src/index.ts by "npm run docs"; change the sources, not this page. -->',
    '',
    '# The API of the library',
    '',
    "What `import { ... } from 'grapevine'` gives, declaration by declaration. [library.md](library.md) says what it is for.",
    '',
    '## Exported',
    '',
    ...exported.toSorted(byName).flatMap(section),
    '## Types that these name',
    '',
    'They are not exported by name.',
    '',
    ...led.toSorted(byName).flatMap(section),
  ].join('\n')
}

/** The names that the door exports, and where each is declared under which name. */
function doorExports() {
  return parsed(DOOR)
    .statements.filter(ts.isExportDeclaration)
    .flatMap((statement) => {
      const file = resolve(dirname(DOOR), statement.moduleSpecifier.text)
      return statement.exportClause.elements.map((element) => ({
        name: element.name.text,
        local: (element.propertyName ?? element.name).text,
        file,
      }))
    })
}

/** Every type of this project that the declarations name, directly or by others. */
function ledTo(exported, known) {
  const open = [...exported]
  const led = []
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const next of namedTypes(one)) {
      const key = keyOf(next.file, next.local)
      if (known.has(key)) continue
      known.set(key, next.name)
      led.push(next)
      open.push(next)
    }
  return led
}

function namedTypes({ file, local }) {
  const origins = importsOf(file)
  const names = new Set()
  const visit = (node) => {
    if (ts.isTypeQueryNode(node)) return
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName))
      names.add(node.typeName.text)
    if (ts.isExpressionWithTypeArguments(node)) names.add(node.expression.getText())
    ts.forEachChild(node, visit)
  }
  for (const one of declarationsOf(file, local)) visit(bare(one))
  return [...names].flatMap((name) => {
    const origin = origins.get(name) ?? { file, local: name }
    return declarationsOf(origin.file, origin.local).length > 0 ? [{ ...origin, name }] : []
  })
}

/** What a file imports from others of this project, by the name that it has there. */
function importsOf(file) {
  const origins = new Map()
  for (const statement of parsed(file).statements.filter(ts.isImportDeclaration)) {
    const from = statement.moduleSpecifier.text
    const bindings = statement.importClause?.namedBindings
    if (!from.startsWith('.') || bindings === undefined || !ts.isNamedImports(bindings)) continue
    for (const { name, propertyName } of bindings.elements)
      origins.set(name.text, {
        file: resolve(dirname(file), from),
        local: (propertyName ?? name).text,
      })
  }
  return origins
}

/** Overloads are several. */
function declarationsOf(file, name) {
  return parsed(file).statements.filter((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.some((one) => one.name.getText() === name)
    return statement.name?.text === name
  })
}

function section({ name, file, local }) {
  const texts = declarationsOf(file, local).map((one) => printed(bare(one), file))
  const renamed = name === local ? '' : ` (\`${local}\`)`
  const place = relative(root, file).replaceAll('\\', '/')
  return [`### ${name}${renamed}`, '', `From \`${place}\`.`, '', '```ts', ...texts, '```', '']
}

function printed(node, file) {
  return printer.printNode(ts.EmitHint.Unspecified, node, parsed(file))
}

/** A declaration as others see it: no body, no initial values, nothing private. */
function bare(node) {
  const f = ts.factory
  if (ts.isFunctionDeclaration(node))
    return f.updateFunctionDeclaration(
      node,
      withoutAsync(node.modifiers),
      node.asteriskToken,
      node.name,
      node.typeParameters,
      node.parameters.map(bareParameter),
      node.type,
      undefined,
    )
  if (ts.isClassDeclaration(node))
    return f.updateClassDeclaration(
      node,
      node.modifiers,
      node.name,
      node.typeParameters,
      node.heritageClauses,
      node.members.flatMap(bareMember),
    )
  return node
}

function bareMember(member) {
  const f = ts.factory
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return []
  if (member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) return []
  if (ts.isConstructorDeclaration(member))
    return [
      f.updateConstructorDeclaration(
        member,
        member.modifiers,
        member.parameters.map(bareParameter),
        undefined,
      ),
    ]
  if (ts.isMethodDeclaration(member))
    return [
      f.updateMethodDeclaration(
        member,
        withoutAsync(member.modifiers),
        member.asteriskToken,
        member.name,
        member.questionToken,
        member.typeParameters,
        member.parameters.map(bareParameter),
        member.type,
        undefined,
      ),
    ]
  return [member]
}

function bareParameter(parameter) {
  const isOptional = parameter.initializer !== undefined || parameter.questionToken !== undefined
  const name = ts.isIdentifier(parameter.name)
    ? parameter.name
    : ts.factory.createIdentifier('options')
  return ts.factory.updateParameterDeclaration(
    parameter,
    undefined,
    parameter.dotDotDotToken,
    name,
    isOptional ? ts.factory.createToken(ts.SyntaxKind.QuestionToken) : undefined,
    parameter.type,
    undefined,
  )
}

function withoutAsync(modifiers) {
  return modifiers?.filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword)
}

function parsed(file) {
  if (!files.has(file))
    files.set(
      file,
      ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true),
    )
  return files.get(file)
}

function keyOf(file, local) {
  return `${file} ${local}`
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1
}
