/**
 * Pages of core that only a permission guards: path, title and permission of each, as the routing files of the standard profile's
 * modules have them.
 *
 * @module
 */

type Page = readonly [path: string, title: string];

/** By permission; `a+b`: one of them. */
export const guardedPages: Readonly<Record<string, readonly Page[]>> = {
  'access administration pages': [
    ['/admin', 'Administration'],
    ['/admin/config', 'Configuration'],
    ['/admin/config/content', 'Content authoring'],
    ['/admin/config/development', 'Development'],
    ['/admin/config/media', 'Media'],
    ['/admin/config/people', 'People'],
    ['/admin/config/regional', 'Region and language'],
    ['/admin/config/search', 'Search and metadata'],
    ['/admin/config/services', 'Web services'],
    ['/admin/config/system', 'System'],
    ['/admin/config/user-interface', 'User interface'],
    ['/admin/config/workflow', 'Workflow'],
    ['/admin/index', 'Administration'],
    ['/admin/structure', 'Structure'],
  ],
  'administer site configuration': [
    ['/admin/config/development/logging', 'Logging and errors'],
    ['/admin/config/development/performance', 'Performance'],
    ['/admin/config/media/file-system', 'File system'],
    ['/admin/config/media/image-toolkit', 'Image toolkit'],
    ['/admin/config/regional/date-time', 'Date and time formats'],
    ['/admin/config/regional/settings', 'Regional settings'],
    ['/admin/config/services/rss-publishing', 'RSS publishing'],
    ['/admin/config/system/cron', 'Cron'],
    ['/admin/config/system/site-information', 'Basic site settings'],
    ['/admin/reports/status', 'Status report'],
  ],
  'administer site configuration+administer software updates': [['/admin/config/development/maintenance', 'Maintenance mode']],
  'access site reports': [
    ['/admin/reports', 'Reports'],
    ['/admin/reports/access-denied', "Top 'access denied' errors"],
    ['/admin/reports/dblog', 'Recent log messages'],
    ['/admin/reports/page-not-found', "Top 'page not found' errors"],
    ['/admin/reports/search', 'Top search phrases'],
  ],
  'administer modules': [
    ['/admin/modules', 'Extend'],
    ['/admin/modules/uninstall', 'Uninstall'],
  ],
  'administer themes': [
    ['/admin/appearance', 'Appearance'],
    ['/admin/appearance/settings', 'Appearance settings'],
  ],
  'administer permissions': [
    ['/admin/people/permissions', 'Permissions'],
    ['/admin/people/role-settings', 'Role settings'],
    ['/admin/people/roles', 'Roles'],
    ['/admin/people/roles/add', 'Add role'],
  ],
  'administer users': [['/admin/people', 'People']],
  'administer account settings': [['/admin/config/people/accounts', 'Account settings']],
  'access content overview': [['/admin/content', 'Content']],
  'administer comments': [['/admin/content/comment', 'Comments']],
  'access files overview': [['/admin/content/files', 'Files']],
  'administer filters': [['/admin/config/content/formats', 'Text formats and editors']],
  'synchronize configuration': [['/admin/config/development/configuration', 'Synchronize']],
  'administer image styles': [['/admin/config/media/image-styles', 'Image styles']],
  'administer search': [['/admin/config/search/pages', 'Search pages']],
  'administer url aliases': [['/admin/config/search/path', 'URL aliases']],
  'administer shortcuts': [['/admin/config/user-interface/shortcut', 'Shortcuts']],
  'administer content types': [
    ['/admin/reports/fields', 'Field list'],
    ['/admin/structure/types', 'Content types'],
    ['/admin/structure/types/add', 'Add content type'],
  ],
  'administer blocks': [['/admin/structure/block', 'Block layout']],
  'administer comment types': [['/admin/structure/comment', 'Comment types']],
  'administer contact forms': [['/admin/structure/contact', 'Contact forms']],
  'administer display modes': [['/admin/structure/display-modes', 'Display modes']],
  'administer menu': [['/admin/structure/menu', 'Menus']],
  'administer taxonomy+access taxonomy overview': [['/admin/structure/taxonomy', 'Taxonomy']],
  'administer views': [['/admin/structure/views', 'Views']],
};

/** Only where JSON:API is installed. */
export const jsonapiSettings = ['/admin/config/services/jsonapi', 'JSON:API'] as const;
