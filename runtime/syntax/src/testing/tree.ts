import type { Body, Expression, SourceFile } from '../ast.ts'

/** What a file means: its tree without places and layout. */
export function tree(file: SourceFile): unknown {
  return bodyTree(file.body)
}

function bodyTree(body: Body): unknown {
  return body.statements.map((statement) =>
    statement.kind === 'attribute'
      ? ['=', statement.name.text, expressionTree(statement.value)]
      : ['{}', statement.name.map((part) => part.text), statement.label?.text ?? '', bodyTree(statement.body)],
  )
}

function expressionTree(expression: Expression): unknown {
  const all = (list: readonly Expression[]) => list.map(expressionTree)
  switch (expression.kind) {
    case 'literal':
      return ['literal', expression.value]
    case 'identifier':
      return ['name', expression.name]
    case 'array':
      return ['[]', all(expression.elements)]
    case 'object':
      return ['{}', expression.fields.map((field) => [field.name, expressionTree(field.value)])]
    case 'access':
      return ['.', expressionTree(expression.object), expression.name.text]
    case 'index':
      return ['[i]', ...all([expression.object, expression.index])]
    case 'call':
      return ['()', expressionTree(expression.callee), all(expression.args)]
    case 'unary':
      return [expression.operator, expressionTree(expression.operand)]
    case 'binary':
      return [expression.operator, ...all([expression.left, expression.right])]
    case 'paren':
      return ['(', expressionTree(expression.inner)]
  }
}
