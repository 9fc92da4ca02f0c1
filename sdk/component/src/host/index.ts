/**
 * The room's side of a component: drives one definition, whatever room it runs in. Lanes and the isolates of runners
 * use the same driver, so that a component behaves alike in both.
 */
export * from './instance.ts'
export * from './call-function.ts'
