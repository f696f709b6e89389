"""What a Docusaurus page is made of besides its own file: site, sidebars, categories, partials."""
