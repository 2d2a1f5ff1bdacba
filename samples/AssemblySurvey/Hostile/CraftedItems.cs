using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace AssemblySurvey.Hostile;

/// <summary>The four crafted files: each makes an ordinary reader do something that no <c>catch</c> can undo.</summary>
internal static class CraftedItems
{
    /// <summary>Each level is a stack frame or two of the decoder; a main thread's 8 MiB hold some 50,000.</summary>
    private const int SignatureDepth = 2_000_000;

    /// <summary>The name of 2^20 characters doubles per level: 2^60 characters if anything let it.</summary>
    private const int DoublingLevels = 40;

    private const int LeafNameLength = 1 << 20;
    private const byte DefaultCall = 0x00;
    private const byte OptionalModifier = 0x20;

    /// <summary>A parameter that is an array of arrays of arrays ...: decoding its signature recurses until the stack ends.</summary>
    public static void WriteDeepSignature(string path)
    {
        CraftedAssembly assembly = new("DeepSignature");
        assembly.AddType("Deep", TypeAttributes.Public);
        BlobBuilder signature = OneParameter();
        signature.WriteBytes((byte)SignatureTypeCode.SZArray, SignatureDepth);
        signature.WriteByte((byte)SignatureTypeCode.Int32);
        assembly.AddMethod("Method", signature);
        assembly.Save(path);
    }

    /// <summary>Two types, each nested in the other: the walk to the outermost one never ends.</summary>
    public static void WriteNestedCycle(string path)
    {
        CraftedAssembly assembly = new("NestedCycle");
        TypeDefinitionHandle hen = assembly.AddType("Hen", TypeAttributes.NestedPublic);
        assembly.AddMethod("Method", NoParameters());
        TypeDefinitionHandle egg = assembly.Metadata.AddTypeDefinition(
            TypeAttributes.NestedPublic, default, assembly.Metadata.GetOrAddString("Egg"), default,
            MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(2));
        assembly.Metadata.AddNestedType(hen, egg);
        assembly.Metadata.AddNestedType(egg, hen);
        assembly.Save(path);
    }

    /// <summary>A type whose two modifiers are each a type whose two modifiers ...: a few hundred bytes whose text doubles per level.</summary>
    public static void WriteDoublingText(string path)
    {
        CraftedAssembly assembly = new("DoublingText");
        assembly.AddType("Doubling", TypeAttributes.Public);
        MetadataBuilder metadata = assembly.Metadata;
        EntityHandle level = metadata.AddTypeReference(assembly.CoreLibrary, default, metadata.GetOrAddString(new string('x', LeafNameLength)));
        for (int i = 0; i < DoublingLevels; i++)
        {
            BlobBuilder specification = new();
            WriteTwiceModified(specification, level);
            level = metadata.AddTypeSpecification(metadata.GetOrAddBlob(specification));
        }
        BlobBuilder signature = OneParameter();
        WriteTwiceModified(signature, level);
        assembly.AddMethod("Method", signature);
        assembly.Save(path);
    }

    /// <summary>A program that ends the process it runs in, with exit code 7.</summary>
    public static void WriteExitingProgram(string path)
    {
        CraftedAssembly assembly = new("ExitingProgram");
        assembly.AddType("Program", TypeAttributes.Public);
        MetadataBuilder metadata = assembly.Metadata;
        TypeReferenceHandle environment = metadata.AddTypeReference(
            assembly.CoreLibrary, metadata.GetOrAddString("System"), metadata.GetOrAddString("Environment"));
        BlobBuilder exitSignature = OneParameter();
        exitSignature.WriteByte((byte)SignatureTypeCode.Int32);
        MemberReferenceHandle exit = metadata.AddMemberReference(
            environment, metadata.GetOrAddString(nameof(Environment.Exit)), metadata.GetOrAddBlob(exitSignature));
        MethodDefinitionHandle main = assembly.AddMethod("Main", NoParameters(), il =>
        {
            il.LoadConstantI4(7);
            il.Call(exit);
        });
        assembly.Save(path, main);
    }

    /// <summary>Modifiers are where a signature may refer to a type specification, and through it to other signatures.</summary>
    private static void WriteTwiceModified(BlobBuilder signature, EntityHandle modifier)
    {
        for (int i = 0; i < 2; i++)
        {
            signature.WriteByte(OptionalModifier);
            signature.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(modifier));
        }
        signature.WriteByte((byte)SignatureTypeCode.Int32);
    }

    private static BlobBuilder NoParameters() => Header(parameters: 0);

    private static BlobBuilder OneParameter() => Header(parameters: 1);

    private static BlobBuilder Header(byte parameters)
    {
        BlobBuilder signature = new();
        signature.WriteByte(DefaultCall);
        signature.WriteByte(parameters);
        signature.WriteByte((byte)SignatureTypeCode.Void);
        return signature;
    }
}
