/** The keys and ids of all benches. No server checks a signature. */
export const publicKey = "pub123456789"
export const privateKey = "priv123456789"
export const accessKey = "AK"
export const secretKey = "SK"
export const projectId = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
export const userId = "8f061fa9fc75442e9d9f8a4626b03cce"
