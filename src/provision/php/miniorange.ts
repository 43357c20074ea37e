/**
 * The PHP that makes applications of the miniOrange module, free methods, and what the paid method needs of Drupal itself.
 *
 * @module
 */

export const miniorangePhp = String.raw`
class DacMiniorange extends DacSite {

  const SETTINGS = 'rest_api_authentication.settings';
  const NAMES = [0 => 'Basic Authentication', 1 => 'API Key'];

  protected function provider(): string {
    return 'rest_api_authentication';
  }

  protected function module(): string {
    return 'rest_api_authentication';
  }

  protected function makeClients(): void {
    if (!\Drupal::moduleHandler()->moduleExists('rest_api_authentication')) {
      $this->cannot('the miniOrange module is off: drush en rest_api_authentication');
      return;
    }
    $method = $this->plan['method'];
    $settings = \Drupal::configFactory()->getEditable(self::SETTINGS);
    if (!$settings->get('enable_authentication') && strpos((string) $this->version(), '8.x-') !== 0) {
      $this->cannot('authentication is switched off; switching it on closes the API to every caller without credentials, so that it is for you to do: drush cset ' . self::SETTINGS . ' enable_authentication 1');
    }
    if ($method === NULL) {
      foreach ($this->plan['variables'] ?? [] as $field => $variable) {
        $this->clients['main'][$field] = $this->fromEnv($variable);
      }
      $this->cannot('the application, its client ID and its secret: this method has no form that a script could fill in; follow the steps that dac provision has printed');
      return;
    }
    $main = [];
    if ($this->hasApplications()) {
      $applications = $settings->get('applications') ?? [];
      if (!is_array($applications)) {
        $this->cannot('the applications of this site are not stored as a list; add one on Configuration > People > REST API Authentication');
        return;
      }
      foreach ($this->plan['applications'] as $name => $wanted) {
        if (isset($applications[$wanted['id']]) && empty($this->record['applications'][$wanted['id']])) {
          $this->cannot("clients.$name: there is an application {$wanted['id']} that this script did not make; it was left alone");
          continue;
        }
        if (!isset($applications[$wanted['id']])) {
          $applications[$wanted['id']] = [
            'id' => $wanted['id'],
            'name' => $this->plan['label'] . ', ' . $name,
            'authentication_method' => $method,
            'auth_method' => self::NAMES[$method],
            'header_info' => '',
            'enable_authentication' => 1,
            'is_default' => FALSE,
          ] + ($method === 1 ? ['rest_api_auth_type' => $wanted['keyStyle']] : []);
          $this->record += ['hadApplications' => $settings->get('applications') !== NULL];
          $this->record['applications'][$wanted['id']] = TRUE;
          $settings->set('applications', $applications)->save();
          $this->remember();
          $this->did("application $name: {$wanted['id']}");
        }
        $this->clients[$name] = ['applicationId' => $wanted['id']];
      }
    }
    else {
      $this->clients['main'] = [];
      if ((int) $settings->get('authentication_method') !== $method) {
        $this->cannot('this version has one method for the whole site, here ' . (self::NAMES[(int) $settings->get('authentication_method')] ?? 'another one') . '; to change it for every caller: drush cset ' . self::SETTINGS . " authentication_method $method");
      }
    }
    if ($method === 1) {
      $this->giveKey($settings);
    }
    $this->clients = array_filter($this->clients);
  }

  /** The key is the site's; one is made only where there is none. */
  private function giveKey($settings): void {
    $key = (string) $settings->get('api_token');
    $isMine = hash('sha256', $key) === ($this->record['keyBefore']['made'] ?? NULL);
    if ($key === '' || ($isMine && $key !== $this->plan['apiKey'])) {
      $this->record['keyBefore'] = [
        'value' => $isMine ? $this->record['keyBefore']['value'] : $settings->get('api_token'),
        'made' => hash('sha256', $this->plan['apiKey']),
      ];
      $this->remember();
      $settings->set('api_token', $this->plan['apiKey'])->save();
      $this->did($isMine ? 'API key of the site is a new one' : 'API key of the site');
    }
    if ($settings->get('api_token') !== $this->plan['apiKey']) {
      $this->cannot('the site has an API key, which was left alone; put it into ' . $this->plan['name'] . '.env as ' . $this->plan['apiKeyVariable'] . ': drush cget ' . self::SETTINGS . ' api_token --format=string');
    }
    foreach (array_keys($this->clients) as $name) {
      $this->clients[$name]['apiKey'] = $this->fromEnv($this->plan['apiKeyVariable']);
    }
  }

  /** From 2.1.0 an application chooses the method; before, the site has one. */
  private function hasApplications(): bool {
    $version = $this->version();
    if ($version !== NULL && strpos($version, '8.x-') === 0) {
      return FALSE;
    }
    return $version === NULL ? \Drupal::config(self::SETTINGS)->get('applications') !== NULL : version_compare($version, '2.1.0', '>=');
  }

  protected function removeClients(): void {
    $settings = \Drupal::configFactory()->getEditable(self::SETTINGS);
    $mine = $this->record['applications'] ?? [];
    $applications = $settings->get('applications');
    if ($mine && is_array($applications)) {
      $left = array_diff_key($applications, $mine);
      if ($left || $this->record['hadApplications']) {
        $settings->set('applications', $left);
      }
      else {
        $settings->clear('applications');
      }
      $settings->save();
      $this->did('applications removed: ' . implode(', ', array_keys($mine)));
    }
    $key = $this->record['keyBefore'] ?? NULL;
    if ($key && hash('sha256', (string) $settings->get('api_token')) === $key['made']) {
      if ($key['value'] === NULL) {
        $settings->clear('api_token');
      }
      else {
        $settings->set('api_token', $key['value']);
      }
      $settings->save();
      $this->did('API key of the site removed');
    }
    unset($this->record['applications'], $this->record['hadApplications'], $this->record['keyBefore']);
    $this->remember();
  }

}
`;
