// The plugin as Docusaurus loads it: a script tag on every page, and a module that knows the router.

import path from 'node:path';

import type {LoadContext, Plugin} from '@docusaurus/types';

import type {PluginOptions} from './options';

export {validateOptions} from './options';
export type {Options, PluginOptions} from './options';

export default function pluginBookProxy(context: LoadContext, options: PluginOptions): Plugin {
  return {
    name: 'docusaurus-plugin-book-proxy',

    getClientModules() {
      return [path.join(__dirname, 'client', 'navigation')];
    },

    injectHtmlTags() {
      return {
        headTags: [
          {
            tagName: 'script',
            attributes: {
              type: 'module',
              src: `${options.proxyUrl}/widget.js`,
              ...asDataAttributes(context, options),
            },
          },
        ],
      };
    },
  };
}

/** What the widget reads from its script tag; its manual has the names. */
function asDataAttributes({siteConfig, i18n}: LoadContext, options: PluginOptions) {
  const {book, label, starters, position, tokenFunction, signInUrl} = options;
  const said: Record<string, string | undefined> = {
    book: typeof book === 'object' ? book[i18n.currentLocale] : book,
    label,
    starters: starters.join('|') || undefined,
    position: position === 'end' ? undefined : position,
    'token-function': tokenFunction,
    'sign-in-url': signInUrl,
    // A site that is tried out on another address: the book has that of its citations.
    'site-url': siteConfig.url,
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) => (value ? [[`data-${name}`, value]] : [])),
  );
}
