/**
 * The PHP that prepares a Drupal site and takes it back: roles, users, content, the REST resource, and the record that undo works from. Written for
 * PHP 7.4 and Drupal 9 on.
 *
 * @module
 */

/** Class `DacSite`: what every product needs. Made by `up()`, taken back by `down()`; both may run as often as they like. */
export const sitePhp = String.raw`
use Drupal\Core\Entity\EntityInterface;
use Drupal\node\Entity\Node;
use Drupal\rest\Entity\RestResourceConfig;
use Drupal\user\Entity\Role;
use Drupal\user\Entity\User;

abstract class DacSite {

  /** Where the site remembers what was made, so that undo removes that and nothing else. */
  const COLLECTION = 'drupal_auth_conformance';

  protected array $plan;
  protected array $record;
  protected array $clients = [];
  protected array $users = [];
  protected array $content = [];
  protected array $target = [];
  protected array $surfaces = [];
  private array $unable = [];
  private array $done = [];

  public function __construct(array $plan) {
    $this->plan = $plan;
    $this->record = \Drupal::keyValue(self::COLLECTION)->get($plan['profile'], ['made' => []]);
  }

  /** Prepares the site and prints the target file. */
  public function up(): void {
    $this->makePeople();
    $this->makeContent();
    $this->openUserResource();
    $this->makeClients();
    $has = [\Drupal::moduleHandler(), 'moduleExists'];
    $isWanted = function (string $surface): bool {
      return in_array($surface, $this->plan['surfaces'], TRUE);
    };
    if ($has('jsonapi')) {
      $this->surfaces[] = 'jsonapi';
    }
    elseif ($isWanted('jsonapi')) {
      $this->cannot('JSON:API is off, so its cases are left out: drush en jsonapi');
    }
    if ($has('graphql') && $isWanted('graphql')) {
      $this->cannot('GraphQL is on, but what can be asked of it differs from site to site: add graphql to profile, and graphql: { query: …, expect: … } with a query of published content, and give the role ' . $this->plan['role'] . ' the permission to ask its server');
    }
    print $this->targetFile();
    $this->tell('made', $this->done);
    $this->tell('not done', $this->unable);
    if (!$this->done) {
      fwrite(STDERR, "Everything was there already; nothing was changed.\n");
    }
  }

  /** Takes back what up() made, last first. */
  public function down(): void {
    $this->removeClients();
    $this->closeUserResource();
    foreach (array_reverse($this->record['made'], TRUE) as $slot => $known) {
      $storage = \Drupal::entityTypeManager()->hasDefinition($known['type']) ? \Drupal::entityTypeManager()->getStorage($known['type']) : NULL;
      $entity = $storage ? $storage->load($known['id']) : NULL;
      if ($entity && (empty($known['uuid']) || $entity->uuid() === $known['uuid'])) {
        $entity->delete();
        $this->done[] = "$slot removed";
      }
      unset($this->record['made'][$slot]);
      $this->remember();
    }
    \Drupal::keyValue(self::COLLECTION)->delete($this->plan['profile']);
    $this->tell('undone', $this->done);
    $this->tell('not undone', $this->unable);
    if (!$this->done) {
      fwrite(STDERR, "There was nothing to undo for {$this->plan['profile']}.\n");
    }
  }

  abstract protected function makeClients(): void;

  protected function removeClients(): void {}

  /** Id of the authentication provider that the REST resource must allow. */
  abstract protected function provider(): string;

  abstract protected function module(): string;

  private function makePeople(): void {
    $role = $this->made('role') ?: $this->makeOnce('role', 'user_role', $this->plan['role'], function () {
      return Role::create(['id' => $this->plan['role'], 'label' => $this->plan['label']]);
    });
    if (!$role) {
      return;
    }
    foreach (['access content', 'access user profiles'] as $permission) {
      if (!$role->hasPermission($permission)) {
        $role->grantPermission($permission);
        $role->save();
      }
    }
    foreach ($this->plan['users'] as $name => $wanted) {
      $user = $this->makeUser($name, $wanted, $wanted['permitted'] ? [$role->id()] : []);
      if ($user && $name === 'unpermitted' && $user->hasPermission('access user profiles')) {
        $this->cannot('users.unpermitted is left out: every authenticated user of this site may view user information, so nobody is without that permission');
      }
      elseif ($user) {
        $this->users[$name] = $user;
      }
    }
  }

  private function makeUser(string $name, array $wanted, array $roles): ?User {
    $user = $this->made("user $name");
    if (!$user) {
      if ($this->findOne('user', ['name' => $wanted['name']])) {
        $this->cannot("users.$name: there is a user {$wanted['name']} that this script did not make; it was left alone");
        return NULL;
      }
      $user = User::create([
        'name' => $wanted['name'],
        'mail' => $wanted['mail'],
        'pass' => $wanted['password'],
        'status' => $wanted['active'] ? 1 : 0,
        'roles' => $roles,
      ]);
      $user->save();
      return $this->keep("user $name", $user);
    }
    if (!\Drupal::service('password')->check($wanted['password'], (string) $user->getPassword())) {
      $user->setPassword($wanted['password']);
      $user->save();
      $this->done[] = "user $name has a new password";
    }
    return $user;
  }

  private function makeContent(): void {
    $manager = \Drupal::entityTypeManager();
    $types = $manager->hasDefinition('node_type') ? array_keys($manager->getStorage('node_type')->loadMultiple()) : [];
    if (!$types) {
      $this->cannot('there is no content type, so that content is left out');
      return;
    }
    $type = in_array('article', $types, TRUE) ? 'article' : reset($types);
    foreach (['article' => TRUE, 'hiddenArticle' => FALSE] as $name => $isVisible) {
      $node = $this->made($name);
      if (!$node) {
        $node = Node::create([
          'type' => $type,
          'title' => $this->plan['content'][$name],
          'status' => $isVisible ? 1 : 0,
          'promote' => 0,
          'sticky' => 0,
          'uid' => 0,
        ]);
        if ($node->hasField('moderation_state')) {
          $node->set('moderation_state', $isVisible ? 'published' : 'draft');
        }
        $node->save();
        $this->keep($name, $node);
      }
      $main = $this->users['main'] ?? NULL;
      if ($main && $node->access('view', $main) !== $isVisible) {
        $this->cannot("content.$name is left out: the site " . ($isVisible ? 'hides it from' : 'shows it to') . ' the main user');
        continue;
      }
      $this->content[$name] = $node;
    }
  }

  /** GET of entity:user in json by our provider, with the granularity "method", so that no other method is opened. */
  private function openUserResource(): void {
    if (!\Drupal::moduleHandler()->moduleExists('rest')) {
      $this->cannot('RESTful Web Services is off, so that /user/{id}?_format=json does not answer: drush en rest serialization');
      return;
    }
    $provider = $this->provider();
    if (!isset(\Drupal::service('authentication_collector')->getSortedProviders()[$provider])) {
      $this->cannot("the authentication provider $provider is not on this site: drush en " . $this->module());
      return;
    }
    $this->surfaces[] = 'rest';
    $resource = RestResourceConfig::load('entity.user');
    $own = ['supported_formats' => ['json'], 'supported_auth' => [$provider]];
    if (!$resource) {
      $resource = RestResourceConfig::create([
        'id' => 'entity.user',
        'plugin_id' => 'entity:user',
        'granularity' => 'method',
        'configuration' => ['GET' => $own],
      ]);
      $this->saveResource($resource, NULL);
      return;
    }
    $before = $resource->get('configuration');
    if ($resource->get('granularity') !== 'method') {
      $fits = in_array('GET', $before['methods'] ?? [], TRUE) && in_array('json', $before['formats'] ?? [], TRUE) && in_array($provider, $before['authentication'] ?? [], TRUE);
      if (!$fits) {
        $this->cannot("the REST resource entity.user is configured as a whole, so that a change would open every method of it; add GET, json and $provider to it by hand (Configuration > Web services > REST)");
      }
      return;
    }
    $after = $before;
    $after['GET'] = [
      'supported_formats' => array_values(array_unique(array_merge($before['GET']['supported_formats'] ?? [], ['json']))),
      'supported_auth' => array_values(array_unique(array_merge($before['GET']['supported_auth'] ?? [], [$provider]))),
    ];
    if ($after != $before) {
      $resource->set('configuration', $after);
      $this->saveResource($resource, $before);
    }
  }

  private function saveResource(RestResourceConfig $resource, ?array $before): void {
    $resource->save();
    if (!isset($this->record['resource'])) {
      $this->record['resource'] = ['before' => $before];
    }
    $this->record['resource']['after'] = $resource->get('configuration');
    $this->remember();
    \Drupal::service('router.builder')->rebuild();
    $this->done[] = 'REST resource entity.user answers GET in json by ' . $this->provider();
  }

  private function closeUserResource(): void {
    $change = $this->record['resource'] ?? NULL;
    $resource = $change && \Drupal::moduleHandler()->moduleExists('rest') ? RestResourceConfig::load('entity.user') : NULL;
    if ($resource && $resource->get('configuration') != $change['after']) {
      $this->cannot('the REST resource entity.user has been changed since; it was left as it is');
    }
    elseif ($resource && $change['before'] === NULL) {
      $resource->delete();
      \Drupal::service('router.builder')->rebuild();
      $this->done[] = 'REST resource entity.user removed';
    }
    elseif ($resource) {
      $resource->set('configuration', $change['before'])->save();
      \Drupal::service('router.builder')->rebuild();
      $this->done[] = 'REST resource entity.user is as it was';
    }
    unset($this->record['resource']);
    $this->remember();
  }

  /** What an earlier run made under this name, if it is still there. */
  protected function made(string $slot): ?EntityInterface {
    $known = $this->record['made'][$slot] ?? NULL;
    $entity = $known ? \Drupal::entityTypeManager()->getStorage($known['type'])->load($known['id']) : NULL;
    return $entity && (empty($known['uuid']) || $entity->uuid() === $known['uuid']) ? $entity : NULL;
  }

  /** Makes a configuration entity, unless somebody else has one of that id. */
  protected function makeOnce(string $slot, string $type, string $id, callable $create): ?EntityInterface {
    if (\Drupal::entityTypeManager()->getStorage($type)->load($id)) {
      $this->cannot("$slot: there is a $type $id that this script did not make; it was left alone");
      return NULL;
    }
    $entity = $create();
    $entity->save();
    return $this->keep($slot, $entity);
  }

  protected function keep(string $slot, EntityInterface $entity): EntityInterface {
    $this->record['made'][$slot] = ['type' => $entity->getEntityTypeId(), 'id' => $entity->id(), 'uuid' => $entity->uuid()];
    $this->remember();
    $this->done[] = $slot . ': ' . $entity->label();
    return $entity;
  }

  protected function findOne(string $type, array $properties): ?EntityInterface {
    $found = \Drupal::entityTypeManager()->getStorage($type)->loadByProperties($properties);
    return $found ? reset($found) : NULL;
  }

  protected function remember(): void {
    \Drupal::keyValue(self::COLLECTION)->set($this->plan['profile'], $this->record);
  }

  protected function cannot(string $what): void {
    $this->unable[] = $what;
  }

  protected function did(string $what): void {
    $this->done[] = $what;
  }

  /** How a target file takes a secret from the environment. */
  protected function fromEnv(string $variable): string {
    return '$' . '{env:' . $variable . '}';
  }

  protected function version(): ?string {
    $version = \Drupal::service('extension.list.module')->getExtensionInfo($this->module())['version'] ?? NULL;
    return is_string($version) && preg_match('/\d/', $version) ? $version : NULL;
  }

  private function tell(string $heading, array $lines): void {
    if ($lines) {
      fwrite(STDERR, ucfirst($heading) . ":\n  - " . implode("\n  - ", $lines) . "\n");
    }
  }

  /** The target file; secrets stay in the env file that was written beside this script. */
  private function targetFile(): string {
    $users = [];
    foreach ($this->users as $name => $user) {
      $users[$name] = [
        'name' => $user->getAccountName(),
        'password' => $this->fromEnv($this->plan['users'][$name]['variable']),
        'id' => (int) $user->id(),
        'mail' => $user->getEmail(),
      ];
    }
    $content = [];
    foreach ($this->content as $name => $node) {
      $content[$name] = ['id' => (int) $node->id(), 'uuid' => $node->uuid(), 'title' => $node->label(), 'type' => $node->bundle()];
    }
    $target = array_filter([
      'name' => $this->plan['name'],
      'profile' => array_merge([$this->plan['profile']], array_values(array_intersect($this->surfaces, $this->plan['surfaces']))),
      'version' => $this->version(),
      'drupal' => \Drupal::VERSION,
      'baseUrl' => $this->plan['url'] ?: rtrim(\Drupal::request()->getSchemeAndHttpHost() . base_path(), '/'),
      'clients' => $this->clients,
      'users' => $users,
      'content' => $content,
    ] + $this->target);
    $lines = ['# Written by dac provision; secrets are in ' . $this->plan['name'] . '.env.'];
    foreach ($this->unable as $what) {
      $lines[] = '# Not done: ' . $what;
    }
    foreach ($target as $key => $value) {
      if (!is_array($value) || array_keys($value) === range(0, count($value) - 1)) {
        $lines[] = "$key: " . $this->yaml($value);
        continue;
      }
      $lines[] = "$key:";
      foreach ($value as $name => $member) {
        $lines[] = "  $name: " . $this->yaml($member);
      }
    }
    return implode("\n", $lines) . "\n";
  }

  /** JSON is YAML; a mapping on one line is written with blanks and bare keys, as a person would. */
  private function yaml($value): string {
    if (is_array($value) && array_keys($value) !== range(0, count($value) - 1)) {
      $members = [];
      foreach ($value as $name => $member) {
        $members[] = "$name: " . $this->yaml($member);
      }
      return '{ ' . implode(', ', $members) . ' }';
    }
    if (is_array($value)) {
      return '[' . implode(', ', array_map([$this, 'yaml'], $value)) . ']';
    }
    return json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
  }

}
`;
