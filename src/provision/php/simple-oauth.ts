/**
 * The PHP that makes consumers and scopes of Simple OAuth, 5.x and 6.x.
 *
 * @module
 */

export const simpleOauthPhp = String.raw`
use Drupal\consumers\Entity\Consumer;
use Drupal\simple_oauth\Entity\Oauth2Scope;

class DacSimpleOauth extends DacSite {

  protected function provider(): string {
    return 'oauth2';
  }

  protected function module(): string {
    return 'simple_oauth';
  }

  protected function makeClients(): void {
    if (!\Drupal::moduleHandler()->moduleExists('simple_oauth')) {
      $this->cannot('Simple OAuth is off, so that there is nothing to make consumers for: drush en simple_oauth');
      return;
    }
    $this->checkKeys();
    $fields = \Drupal::service('entity_field.manager')->getBaseFieldDefinitions('consumer');
    $hasScopes = isset($fields['scopes']);
    $granted = $hasScopes ? $this->makeScopes() : ['permitted' => $this->plan['role'], 'plain' => NULL];
    foreach ($this->plan['clients'] as $name => $wanted) {
      if (!$hasScopes && (isset($wanted['lifetimeSeconds']) || !in_array('client_credentials', $wanted['grants'], TRUE))) {
        continue;
      }
      if ($hasScopes && $wanted['scope'] === NULL) {
        $this->cannot("clients.$name is left out: on 6.0.x a consumer without default scopes is given every scope it asks for, administrator included, and nothing of that power is made here");
        continue;
      }
      $user = $wanted['actsAs'] === NULL ? NULL : ($this->users[$wanted['actsAs']] ?? NULL);
      if ($wanted['actsAs'] !== NULL && !$user) {
        $this->cannot("clients.$name is left out: it would act as users.{$wanted['actsAs']}, who is not there");
        continue;
      }
      $scope = $wanted['scope'] === NULL ? NULL : $granted[$wanted['scope']];
      if ($hasScopes && $wanted['scope'] !== NULL && $scope === NULL) {
        $this->cannot("clients.$name is left out: its scope could not be made");
        continue;
      }
      $consumer = $this->makeConsumer($name, $wanted, $user, $hasScopes, $scope);
      if ($consumer) {
        $this->describe($name, $wanted, $consumer, $user, $hasScopes, $scope);
      }
    }
    if ($hasScopes) {
      $this->target['expiry'] = ['method' => 'wait', 'lifetimeSeconds' => $this->plan['clients']['short']['lifetimeSeconds']];
    }
    else {
      $lifetime = (int) \Drupal::config('simple_oauth.settings')->get('access_token_expiration');
      $this->target['expiry'] = ['method' => 'wait', 'lifetimeSeconds' => $lifetime ?: 300];
      if ($lifetime > 60) {
        $this->cannot("in 5.x all consumers share one lifetime, here $lifetime s: to see tokens expire, drush cset simple_oauth.settings access_token_expiration 20 on a site where that harms nobody, or dac run --max-wait " . ($lifetime + 30));
      }
    }
  }

  private function checkKeys(): void {
    $settings = \Drupal::config('simple_oauth.settings');
    foreach (['public_key', 'private_key'] as $key) {
      $path = (string) $settings->get($key);
      if ($path === '') {
        $this->cannot("simple_oauth.settings $key is not set: drush simple-oauth:generate-keys DIR, outside the document root, then set both paths");
      }
      elseif (!is_readable($path) && !is_readable(DRUPAL_ROOT . '/' . $path)) {
        $this->cannot("the file of simple_oauth.settings $key cannot be read by the user who runs drush; the web server must be able to");
      }
    }
  }

  /** A scope for the role of the plan, and one for the role that every user has. */
  private function makeScopes(): array {
    $granted = ['permitted' => NULL, 'plain' => NULL];
    if (\Drupal::config('simple_oauth.settings')->get('scope_provider') === 'static') {
      $this->cannot('scopes of this site come from YAML files (scope_provider: static), where a script cannot add any');
      return $granted;
    }
    foreach (['permitted' => $this->plan['role'], 'plain' => 'authenticated'] as $kind => $role) {
      $name = $kind === 'permitted' ? $this->plan['role'] : $this->plan['role'] . '_plain';
      $scope = $this->made("scope $kind");
      if (!$scope && $this->findOne('oauth2_scope', ['name' => $name])) {
        $this->cannot("there is a scope $name that this script did not make; it was left alone");
        continue;
      }
      if (!$scope) {
        $on = ['status' => TRUE, 'description' => ''];
        $scope = Oauth2Scope::create([
          'name' => $name,
          'description' => $this->plan['label'],
          'grant_types' => ['client_credentials' => $on, 'authorization_code' => $on, 'refresh_token' => $on],
          'umbrella' => FALSE,
          'granularity_id' => 'role',
          'granularity_configuration' => ['role' => $role],
        ]);
        $scope->save();
        $this->keep("scope $kind", $scope);
      }
      $granted[$kind] = $scope;
    }
    return $granted;
  }

  private function makeConsumer(string $name, array $wanted, $user, bool $hasScopes, $scope): ?Consumer {
    $consumer = $this->made("client $name");
    if ($consumer) {
      $stored = (string) $consumer->get('secret')->value;
      if ($wanted['secret'] !== NULL && !\Drupal::service('password')->check($wanted['secret'], $stored)) {
        $consumer->set('secret', $wanted['secret'])->save();
        $this->did("client $name has a new secret");
      }
      return $consumer;
    }
    if ($this->findOne('consumer', ['client_id' => $wanted['id']])) {
      $this->cannot("clients.$name: there is a consumer {$wanted['id']} that this script did not make; it was left alone");
      return NULL;
    }
    $values = [
      'label' => $this->plan['label'] . ', ' . $name,
      'client_id' => $wanted['id'],
      'secret' => $wanted['secret'],
      'confidential' => $wanted['secret'] !== NULL,
      'user_id' => $user ? $user->id() : NULL,
      'is_default' => FALSE,
    ];
    if ($hasScopes) {
      $values['grant_types'] = $wanted['grants'];
      $values['scopes'] = $scope ? [['scope_id' => $scope->id()]] : [];
      if (in_array('authorization_code', $wanted['grants'], TRUE)) {
        $values['redirect'] = $wanted['redirectUri'];
      }
      if (isset($wanted['lifetimeSeconds'])) {
        $values['access_token_expiration'] = $wanted['lifetimeSeconds'];
      }
    }
    else {
      $values['roles'] = $scope ? [$scope] : [];
    }
    $consumer = Consumer::create($values);
    $consumer->save();
    return $this->keep("client $name", $consumer);
  }

  private function describe(string $name, array $wanted, $consumer, $user, bool $hasScopes, $scope): void {
    $lifetime = $hasScopes ? $consumer->get('access_token_expiration')->value : \Drupal::config('simple_oauth.settings')->get('access_token_expiration');
    $this->clients[$name] = array_filter([
      'id' => $wanted['id'],
      'secret' => $wanted['secret'] === NULL ? NULL : $this->fromEnv($wanted['variable']),
      'actsAs' => $user ? (int) $user->id() : NULL,
      'lifetimeSeconds' => $lifetime === NULL ? NULL : (int) $lifetime,
      'scope' => $scope && $name === 'main' ? ($hasScopes ? $scope->getName() : $scope) : NULL,
      'grants' => $hasScopes || $name === 'main' ? $wanted['grants'] : NULL,
    ], function ($value) {
      return $value !== NULL;
    });
  }

  /** Tokens that the consumers were given would outlive them. */
  protected function removeClients(): void {
    $manager = \Drupal::entityTypeManager();
    $consumers = [];
    foreach ($this->record['made'] as $known) {
      if ($known['type'] === 'consumer') {
        $consumers[] = $known['id'];
      }
    }
    if ($consumers && $manager->hasDefinition('oauth2_token')) {
      $tokens = $manager->getStorage('oauth2_token');
      $ids = $tokens->getQuery()->accessCheck(FALSE)->condition('client', $consumers, 'IN')->execute();
      foreach (array_chunk($ids, 100) as $some) {
        $tokens->delete($tokens->loadMultiple($some));
      }
    }
  }

}
`;
