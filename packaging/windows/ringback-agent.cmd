@setlocal
@set "NODE_OPTIONS="
@set "OPENSSL_CONF="
@"%~dp0node.exe" --max-semi-space-size=1 "%~dp0app\main-windows.mjs" %*
