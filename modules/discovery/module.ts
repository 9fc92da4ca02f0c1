export default {
  name: '@ingot/discovery',
  version: '0.1.0',
  description: 'Finding targets, and changing their labels.',
  license: 'Apache-2.0',
  keywords: ['targets', 'service-discovery', 'relabel', 'labels'],
  components: ['relabel'],
}
