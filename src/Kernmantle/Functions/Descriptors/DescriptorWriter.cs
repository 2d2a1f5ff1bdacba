using System.Reflection;
using System.Runtime.Loader;
using Kernmantle.Functions.Capturing;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions.Descriptors;

/// <summary>The kinds of type in a descriptor.</summary>
internal enum TypeTag : byte
{
    Definition,
    Generic,
    Vector,
    Array,
    Pointer,
}

/// <summary>The kinds of <see cref="CapturedTarget"/> in a descriptor.</summary>
internal enum TargetTag : byte
{
    None,
    Stateless,
    Value,
    Closure,
}

/// <summary>
/// Writes what a worker needs to find a function: <c>format:u8 process:16 count:i32 plugIns[count] count:i32 assemblies[count]</c>, then shape, delegate
/// type, method, target. A type or method is an assembly's number in that list and a metadata token, which mean the same
/// in every process that has the same build of the assembly.
/// </summary>
internal sealed class DescriptorWriter : IDisposable
{
    public const byte Format = 1;

    private readonly PooledBuffer body = new();
    private readonly List<AssemblyIdentity> assemblies = [];
    private readonly List<(PlugInIdentity Identity, AssemblyLoadContext Context)> plugIns = [];

    /// <exception cref="NotPortableException">A type, or the function, is in an assembly that exists only in memory.</exception>
    public static byte[] Write(Type delegateType, FunctionShape shape, MethodInfo method, Type? targetType, CapturedTarget target)
    {
        using var descriptor = new DescriptorWriter();
        var writer = new PayloadWriter(descriptor.body);
        writer.WriteByte(shape.Bits);
        descriptor.WriteType(ref writer, delegateType);
        descriptor.WriteType(ref writer, method.DeclaringType!);
        writer.WriteInt32(method.MetadataToken);
        descriptor.WriteTypes(ref writer, method.GetGenericArguments());
        descriptor.WriteTarget(ref writer, targetType, target);
        return descriptor.Finish();
    }

    /// <summary>The same head, and a target alone: a function value that a closure holds.</summary>
    /// <exception cref="NotPortableException">A type is in an assembly that exists only in memory.</exception>
    public static byte[] Write(Type targetType, CapturedTarget target)
    {
        using var descriptor = new DescriptorWriter();
        var writer = new PayloadWriter(descriptor.body);
        descriptor.WriteTarget(ref writer, targetType, target);
        return descriptor.Finish();
    }

    public void Dispose() => body.Dispose();

    private byte[] Finish()
    {
        using var whole = new PooledBuffer();
        var header = new PayloadWriter(whole);
        header.WriteByte(Format);
        header.WriteGuid(LoadedAssemblies.Process);
        WritePlugIns(ref header);
        header.WriteInt32(assemblies.Count);
        foreach (AssemblyIdentity assembly in assemblies)
            assembly.Write(ref header);
        header.WriteBytes(body.Written);
        return whole.Written.ToArray();
    }

    private void WritePlugIns(ref PayloadWriter header)
    {
        header.WriteInt32(plugIns.Count);
        foreach ((PlugInIdentity identity, AssemblyLoadContext context) in plugIns)
        {
            IReadOnlyList<PlugInBinding> bindings = PlugInBindings.Of(context, identity);
            header.WriteInt32(identity.Number);
            header.WriteString(identity.MainPath);
            header.WriteInt32(bindings.Count);
            foreach (PlugInBinding binding in bindings)
                binding.Write(ref header);
        }
    }

    private void WriteTarget(ref PayloadWriter writer, Type? type, CapturedTarget target)
    {
        TargetTag tag = target switch
        {
            NoTarget => TargetTag.None,
            StatelessTarget => TargetTag.Stateless,
            ClosureTarget => TargetTag.Closure,
            _ => TargetTag.Value,
        };
        writer.WriteByte((byte)tag);
        if (tag != TargetTag.None)
            WriteType(ref writer, type!);
        if (target is ClosureTarget closure)
            WriteClosure(ref writer, closure);
    }

    private static void WriteClosure(ref PayloadWriter writer, ClosureTarget closure)
    {
        writer.WriteInt32(closure.Fields.Count);
        foreach (CapturedField field in closure.Fields)
        {
            writer.WriteInt32(field.Field.MetadataToken);
            writer.WriteByte(field is OuterClosure ? (byte)1 : (byte)0);
            if (field is OuterClosure outer)
                WriteClosure(ref writer, outer.Outer);
        }
    }

    private void WriteTypes(ref PayloadWriter writer, Type[] types)
    {
        writer.WriteInt32(types.Length);
        foreach (Type type in types)
            WriteType(ref writer, type);
    }

    private void WriteType(ref PayloadWriter writer, Type type)
    {
        if (type.IsFunctionPointer)
            throw new NotPortableException($"The function pointer type {type}", "Memory has other addresses there: pass a function in another way.");
        if (type.HasElementType)
        {
            writer.WriteByte((byte)(type.IsPointer ? TypeTag.Pointer : type.IsSZArray ? TypeTag.Vector : TypeTag.Array));
            if (type.IsVariableBoundArray)
                writer.WriteInt32(type.GetArrayRank());
            WriteType(ref writer, type.GetElementType()!);
        }
        else if (type.IsConstructedGenericType)
        {
            writer.WriteByte((byte)TypeTag.Generic);
            WriteDefinition(ref writer, type.GetGenericTypeDefinition());
            WriteTypes(ref writer, type.GetGenericArguments());
        }
        else
        {
            writer.WriteByte((byte)TypeTag.Definition);
            WriteDefinition(ref writer, type);
        }
    }

    private void WriteDefinition(ref PayloadWriter writer, Type type)
    {
        AssemblyIdentity assembly = LoadedAssemblies.Identify(type.Assembly);
        int index = assemblies.IndexOf(assembly);
        if (index < 0)
        {
            index = assemblies.Count;
            assemblies.Add(assembly);
            if (assembly.PlugIn is { } plugIn && !plugIns.Exists(known => known.Identity == plugIn))
                plugIns.Add((plugIn, AssemblyLoadContext.GetLoadContext(type.Assembly)!));
        }
        writer.WriteInt32(index);
        writer.WriteInt32(type.MetadataToken);
    }
}
