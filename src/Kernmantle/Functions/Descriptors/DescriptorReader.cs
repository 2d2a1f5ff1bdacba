using System.Reflection;
using Kernmantle.Functions.Capturing;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Descriptors;

/// <summary>Worker: reads what <see cref="DescriptorWriter"/> wrote. The host is trusted to name any type; it is its own program.</summary>
internal ref struct DescriptorReader
{
    private PayloadReader reader;
    private readonly Assembly[] assemblies;

    /// <exception cref="FunctionUnavailableException">An assembly is not there, or is another build.</exception>
    public DescriptorReader(ReadOnlySpan<byte> descriptor)
    {
        reader = new(descriptor);
        byte format = reader.ReadByte();
        if (format != DescriptorWriter.Format)
            throw new InvalidPayloadException($"A function descriptor of the format {format}.");
        Guid process = reader.ReadGuid();
        ReadPlugIns(process);
        assemblies = new Assembly[Count()];
        for (int i = 0; i < assemblies.Length; i++)
            assemblies[i] = AssemblyFinder.Find(AssemblyIdentity.Read(ref reader), process);
    }

    private void ReadPlugIns(Guid process)
    {
        for (int left = Count(); left > 0; left--)
        {
            var identity = new PlugInIdentity(reader.ReadInt32(), reader.ReadString() ?? throw new InvalidPayloadException("A plug-in without a file."));
            var bindings = new PlugInBinding[Count()];
            for (int i = 0; i < bindings.Length; i++)
                bindings[i] = PlugInBinding.Read(ref reader);
            if (process != LoadedAssemblies.Process)
                PlugInContext.For(process, identity).Bind(bindings);
        }
    }

    public FunctionShape ReadShape() => FunctionShape.FromBits(reader.ReadByte());

    public Type ReadType()
    {
        var tag = (TypeTag)reader.ReadByte();
        return tag switch
        {
            TypeTag.Definition => ReadDefinition(),
            TypeTag.Generic => ReadDefinition().MakeGenericType(ReadTypes()),
            TypeTag.Vector => ReadType().MakeArrayType(),
            TypeTag.Array => ReadArray(),
            TypeTag.Pointer => ReadType().MakePointerType(),
            _ => throw new InvalidPayloadException($"A type of the kind {tag}."),
        };
    }

    public MethodInfo ReadMethod()
    {
        Type type = ReadType();
        MethodBase? method = type.Module.ResolveMethod(reader.ReadInt32());
        if (type.IsConstructedGenericType && method is not null)
            method = MethodBase.GetMethodFromHandle(method.MethodHandle, type.TypeHandle);
        Type[] arguments = ReadTypes();
        return method is MethodInfo found
            ? arguments.Length > 0 ? found.MakeGenericMethod(arguments) : found
            : throw new MissingMethodException(type.FullName, method?.Name);
    }

    public CapturedTarget ReadTarget()
    {
        var tag = (TargetTag)reader.ReadByte();
        return tag switch
        {
            TargetTag.None => new NoTarget(),
            TargetTag.Stateless => new StatelessTarget(ReadType()),
            TargetTag.Value => Captures.OfValue(ReadType(), isChecked: true),
            TargetTag.Closure => ReadClosure(ReadType()),
            _ => throw new InvalidPayloadException($"A target of the kind {tag}."),
        };
    }

    private ClosureTarget ReadClosure(Type type)
    {
        FieldInfo[] known = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        var fields = new CapturedField[Count()];
        for (int i = 0; i < fields.Length; i++)
        {
            FieldInfo field = Field(known, reader.ReadInt32()) ?? throw new MissingFieldException(type.FullName, "captured variable");
            fields[i] = reader.ReadByte() == 0 ? CapturedField.Of(field, isChecked: true) : new OuterClosure(field, ReadClosure(field.FieldType));
        }
        return new(type, fields, assigned: []);   // the host has told
    }

    private static FieldInfo? Field(FieldInfo[] fields, int token)
    {
        foreach (FieldInfo field in fields)
        {
            if (field.MetadataToken == token)
                return field;
        }
        return null;
    }

    private Type ReadArray()
    {
        int rank = reader.ReadInt32();
        return ReadType().MakeArrayType(rank);
    }

    private Type[] ReadTypes()
    {
        var types = new Type[Count()];
        for (int i = 0; i < types.Length; i++)
            types[i] = ReadType();
        return types;
    }

    private Type ReadDefinition()
    {
        int index = reader.ReadInt32();
        int token = reader.ReadInt32();
        return (uint)index < (uint)assemblies.Length
            ? assemblies[index].ManifestModule.ResolveType(token)
            : throw new InvalidPayloadException($"Assembly {index} of {assemblies.Length}.");
    }

    /// <summary>Everything that is counted takes a byte at least.</summary>
    private int Count()
    {
        int count = reader.ReadInt32();
        return (uint)count <= (uint)reader.Remaining ? count : throw new InvalidPayloadException($"{count} items in {reader.Remaining} bytes.");
    }
}
