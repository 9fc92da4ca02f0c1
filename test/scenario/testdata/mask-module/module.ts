export default {
  name: '@acme/mask',
  version: '1.0.0',
  description: 'Third-party functions, one of which misbehaves when it is asked to.',
  license: 'Apache-2.0',
  functions: ['endpoint', 'relabel_all', 'moody', 'sign'],
  configs: ['masked.alloy'],
}
