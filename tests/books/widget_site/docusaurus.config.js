// @ts-check
// A site with the plugin, as its owner would configure it; the test says where things are.

/** @type {import('@docusaurus/types').Config} */
module.exports = {
  title: 'Pumps',
  url: process.env.SITE_URL,
  baseUrl: '/',
  onBrokenLinks: 'ignore', // it has no page at /
  headTags: [{tagName: 'link', attributes: {rel: 'icon', href: 'data:,'}}], // none to be asked for
  i18n: {defaultLocale: 'en', locales: ['en', 'ar'], localeConfigs: {ar: {direction: 'rtl'}}},
  presets: [['classic', {blog: false}]],
  plugins: [
    [
      'docusaurus-plugin-book-proxy',
      {proxyUrl: process.env.PROXY_URL, book: 'pumps', starters: ['How is the pump started?']},
    ],
  ],
  themeConfig: {
    navbar: {title: 'Pumps', items: [{type: 'localeDropdown', position: 'right'}]},
  },
};
