using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace AssemblySurvey.Hostile;

/// <summary>
/// Builds a small assembly with one method, well formed except for what the caller does to it. What it contains is valid
/// enough to be read; it is only too deep, cyclic or too large for a reader that trusts it.
/// </summary>
internal sealed class CraftedAssembly
{
    private const int TypeRow = 2;   // row 1 is <Module>
    private readonly BlobBuilder code = new();
    private readonly MethodBodyStreamEncoder bodies;

    public CraftedAssembly(string name)
    {
        bodies = new(code);
        Metadata.AddModule(0, Metadata.GetOrAddString(name + ".dll"), Metadata.GetOrAddGuid(default), default, default);
        Metadata.AddAssembly(Metadata.GetOrAddString(name), new(1, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        CoreLibrary = Metadata.AddAssemblyReference(Metadata.GetOrAddString("System.Runtime"), new(8, 0, 0, 0), default, default, default, default);
        ObjectType = Metadata.AddTypeReference(CoreLibrary, Metadata.GetOrAddString("System"), Metadata.GetOrAddString("Object"));
        AddType("<Module>", TypeAttributes.NotPublic, baseType: default);
    }

    public MetadataBuilder Metadata { get; } = new();

    public AssemblyReferenceHandle CoreLibrary { get; }

    private TypeReferenceHandle ObjectType { get; }

    /// <summary>The type that declares the method; add it before the method.</summary>
    public static TypeDefinitionHandle MainType => MetadataTokens.TypeDefinitionHandle(TypeRow);

    public TypeDefinitionHandle AddType(string name, TypeAttributes attributes) => AddType(name, attributes, ObjectType);

    /// <summary>A static method of the type added last.</summary>
    /// <param name="signature">Its signature as encoded bytes.</param>
    /// <param name="body">Its code; a bare return without one.</param>
    public MethodDefinitionHandle AddMethod(string name, BlobBuilder signature, Action<InstructionEncoder>? body = null)
    {
        InstructionEncoder il = new(new BlobBuilder(), new ControlFlowBuilder());
        body?.Invoke(il);
        il.OpCode(ILOpCode.Ret);
        return Metadata.AddMethodDefinition(
            MethodAttributes.Public | MethodAttributes.Static,
            MethodImplAttributes.IL,
            Metadata.GetOrAddString(name),
            Metadata.GetOrAddBlob(signature),
            bodies.AddMethodBody(il),
            parameterList: MetadataTokens.ParameterHandle(1));
    }

    public TypeReferenceHandle TypeOf(string library, string space, string name)
    {
        AssemblyReferenceHandle reference = Metadata.AddAssemblyReference(Metadata.GetOrAddString(library), new(8, 0, 0, 0), default, default, default, default);
        return Metadata.AddTypeReference(reference, Metadata.GetOrAddString(space), Metadata.GetOrAddString(name));
    }

    public void Save(string path, MethodDefinitionHandle entryPoint = default)
    {
        ManagedPEBuilder image = new(
            entryPoint.IsNil ? PEHeaderBuilder.CreateLibraryHeader() : PEHeaderBuilder.CreateExecutableHeader(),
            new MetadataRootBuilder(Metadata),
            code,
            entryPoint: entryPoint);
        BlobBuilder bytes = new();
        image.Serialize(bytes);
        using FileStream file = File.Create(path);
        bytes.WriteContentTo(file);
    }

    private TypeDefinitionHandle AddType(string name, TypeAttributes attributes, EntityHandle baseType) =>
        Metadata.AddTypeDefinition(
            attributes, default, Metadata.GetOrAddString(name), baseType,
            MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
}
