// What a site says of its readers' widget, checked before the site is built.

import {Joi} from '@docusaurus/utils-validation';
import type {OptionValidationContext} from '@docusaurus/types';

export type PluginOptions = {
  /** Where the proxy is, such as `https://ask.example.org`. */
  proxyUrl: string;
  /** The book that is asked, or one for each locale; all that a reader may read without it. */
  book?: string | Record<string, string>;
  /** What the button says; "Ask the book" in the site's language without it. */
  label?: string;
  /** Questions to begin with. */
  starters: string[];
  /** The corner where the button stands. */
  position: 'start' | 'end';
  /** Name of a function of the page, `window[name]`, that gives the reader's token, or a promise. */
  tokenFunction?: string;
  /** Where readers sign in when the proxy does not know them. */
  signInUrl?: string;
};

export type Options = Pick<PluginOptions, 'proxyUrl'> & Partial<PluginOptions>;

const schema = Joi.object<PluginOptions>({
  proxyUrl: Joi.string()
    .uri({scheme: ['http', 'https']})
    .replace(/\/+$/, '')
    .required(),
  book: Joi.alternatives(Joi.string(), Joi.object().pattern(Joi.string(), Joi.string())),
  label: Joi.string(),
  starters: Joi.array().items(Joi.string().pattern(/^[^\n|]+$/)).default([]),
  position: Joi.string().valid('start', 'end').default('end'),
  tokenFunction: Joi.string().pattern(/^[A-Za-z_$][\w$]*$/),
  signInUrl: Joi.string().uri({scheme: ['http', 'https'], allowRelative: true}),
});

export function validateOptions({
  validate,
  options,
}: OptionValidationContext<Options, PluginOptions>): PluginOptions {
  return validate(schema, options);
}
