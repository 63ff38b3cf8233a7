// SPDX-License-Identifier: GPL-3.0-or-later
// Opens records with Bouncy Castle, from what src/seal/README.md says alone: OpenRecords KEY CERTIFICATE AUTHORITY ENVELOPE…
// Prints "header TAB payload" for each, or "refused". Shares no code with the product.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.util.*;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.bouncycastle.asn1.*;
import org.bouncycastle.asn1.cms.*;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.*;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

public class OpenRecords {
  static final String ARC = "2.25.147696107625034929956490797030148438675.1";
  static final BouncyCastleProvider BC = new BouncyCastleProvider();

  /** Only the unwrapping of the content key: RFC 5753 is the library's. */
  static class Unwrap extends JceKeyAgreeRecipient {
    Unwrap(PrivateKey key) { super(key); setProvider(BC); }
    Key unwrap(KeyAgreeRecipientInfo info, AlgorithmIdentifier content, byte[] wrapped) throws Exception {
      OriginatorPublicKey from = info.getOriginator().getOriginatorKey();
      AlgorithmIdentifier own = getPrivateKeyAlgorithmIdentifier();
      SubjectPublicKeyInfo sender = new SubjectPublicKeyInfo(own, from.getPublicKey().getBytes());
      return extractSecretKey(info.getKeyEncryptionAlgorithm(), content, sender, info.getUserKeyingMaterial(), wrapped);
    }
    public RecipientOperator getRecipientOperator(AlgorithmIdentifier a, AlgorithmIdentifier b, SubjectPublicKeyInfo c,
                                                  ASN1OctetString d, byte[] e) { throw new UnsupportedOperationException(); }
  }

  static Object pem(String path) throws Exception {
    try (PEMParser parser = new PEMParser(new FileReader(path))) { return parser.readObject(); }
  }

  static String verify(CMSSignedData signed, X509CertificateHolder authority) throws Exception {
    if (signed.getSignerInfos().size() != 1) throw new CMSException("not one signer");
    SignerInformation signer = signed.getSignerInfos().iterator().next();
    X509CertificateHolder certificate = (X509CertificateHolder) signed.getCertificates().getMatches(signer.getSID()).iterator().next();
    if (!certificate.isSignatureValid(new JcaContentVerifierProviderBuilder().setProvider(BC).build(authority)))
      throw new CMSException("not of the authority");
    if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(BC).build(certificate))) throw new CMSException("signature");
    ASN1Encodable header = signer.getSignedAttributes().get(new ASN1ObjectIdentifier(ARC)).getAttrValues().getObjectAt(0);
    return ASN1UTF8String.getInstance(header).getString();
  }

  static byte[] open(byte[] der, PrivateKey key, X509CertificateHolder certificate) throws Exception {
    ContentInfo info = ContentInfo.getInstance(der);
    AuthEnvelopedData data = AuthEnvelopedData.getInstance(info.getContent());
    EncryptedContentInfo content = data.getAuthEncryptedContentInfo();
    IssuerAndSerialNumber own = new IssuerAndSerialNumber(certificate.toASN1Structure());
    for (ASN1Encodable item : data.getRecipientInfos()) {
      KeyAgreeRecipientInfo recipient = KeyAgreeRecipientInfo.getInstance(RecipientInfo.getInstance(item).getInfo());
      for (ASN1Encodable each : recipient.getRecipientEncryptedKeys()) {
        RecipientEncryptedKey wrapped = RecipientEncryptedKey.getInstance(each);
        if (!own.equals(wrapped.getIdentifier().getIssuerAndSerialNumber())) continue;
        Key secret = new Unwrap(key).unwrap(recipient, content.getContentEncryptionAlgorithm(), wrapped.getEncryptedKey().getOctets());
        GCMParameters gcm = GCMParameters.getInstance(content.getContentEncryptionAlgorithm().getParameters());
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", BC);
        cipher.init(Cipher.DECRYPT_MODE, secret, new GCMParameterSpec(gcm.getIcvLen() * 8, gcm.getNonce()));
        cipher.update(new byte[0]);
        byte[] sealed = content.getEncryptedContent().getOctets(), tag = data.getMac().getOctets();
        byte[] whole = Arrays.copyOf(sealed, sealed.length + tag.length);
        System.arraycopy(tag, 0, whole, sealed.length, tag.length);
        return cipher.doFinal(whole);
      }
    }
    throw new CMSException("not a recipient");
  }

  public static void main(String[] words) throws Exception {
    PrivateKey key = new JcaPEMKeyConverter().setProvider(BC).getPrivateKey((PrivateKeyInfo) pem(words[0]));
    X509CertificateHolder certificate = (X509CertificateHolder) pem(words[1]), authority = (X509CertificateHolder) pem(words[2]);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (int i = 3; i < words.length; i++) {
      try {
        CMSSignedData signed = new CMSSignedData(Files.readAllBytes(Paths.get(words[i])));
        String header = verify(signed, authority);
        byte[] payload = open((byte[]) signed.getSignedContent().getContent(), key, certificate);
        out.println(header + "\t" + new String(payload, StandardCharsets.UTF_8));
      } catch (Exception error) {
        out.println("refused\t" + error.getClass().getSimpleName());
      }
    }
  }
}
