using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Kernmantle.Functions.Capturing;

/// <summary>
/// Which captured variables a lambda reads, and which it assigns: by itself, through the lambdas and local functions within it, and through the
/// state machines that the compiler made of any of them. C# puts all variables of a scope into one class, so the others are
/// there too, but belong to other lambdas. Works on metadata alone: nothing that the lambda refers to is loaded for it.
/// </summary>
internal sealed unsafe class ClosureReads
{
    private readonly Module module;
    private readonly MetadataReader reader;
    private readonly HashSet<int> read = [];
    private readonly HashSet<int> assigned = [];
    private readonly HashSet<int> addressed = [];
    private readonly HashSet<MethodDefinitionHandle> seen = [];
    private readonly Stack<MethodDefinitionHandle> open = [];
    private bool unknown;
    private bool isAddress;

    private ClosureReads(Module module, byte* metadata, int length)
    {
        this.module = module;
        reader = new MetadataReader(metadata, length);
    }

    /// <summary>The tokens of the fields that are read; null where the method's code is not available.</summary>
    public HashSet<int>? Read => unknown ? null : read;

    /// <summary>The tokens of the fields that are assigned, as far as the code is available.</summary>
    public HashSet<int> Assigned => assigned;

    /// <summary>The tokens of the fields whose address is taken, by which they may be assigned.</summary>
    public HashSet<int> Addressed => addressed;

    /// <summary>Null where the lambda is in no file of metadata, as one that was emitted is.</summary>
    public static ClosureReads? Of(MethodInfo lambda)
    {
        if (!lambda.Module.Assembly.TryGetRawMetadata(out byte* metadata, out int length))
            return null;
        var reads = new ClosureReads(lambda.Module, metadata, length);
        reads.Open((MethodDefinitionHandle)MetadataTokens.EntityHandle(lambda.MetadataToken));
        while (!reads.unknown && reads.open.TryPop(out MethodDefinitionHandle method))
            reads.Scan(method);
        GC.KeepAlive(lambda);   // and so the metadata
        return reads;
    }

    private void Open(MethodDefinitionHandle method)
    {
        if (seen.Add(method))
            open.Push(method);
    }

    private void Scan(MethodDefinitionHandle method)
    {
        if (reader.GetMethodDefinition(method).Attributes.HasFlag(MethodAttributes.Abstract))
            return;
        byte[]? il = module.ResolveMethod(MetadataTokens.GetToken(method))?.GetMethodBody()?.GetILAsByteArray();
        var instructions = new Instructions(il);
        while (instructions.Read())
        {
            switch (instructions.OpCode)
            {
                case ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Ldtoken:   // the last: in an expression tree
                    isAddress = instructions.OpCode != ILOpCode.Ldfld;
                    Member(instructions.Token, isRead: true);
                    isAddress = false;
                    break;
                case ILOpCode.Stfld or ILOpCode.Newobj or ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Jmp:
                    Member(instructions.Token, isRead: false);
                    break;
            }
        }
        unknown |= il is null || instructions.IsBroken;
    }

    private void Member(int token, bool isRead)
    {
        EntityHandle handle = MetadataTokens.EntityHandle(token);
        if (handle.Kind == HandleKind.MethodSpecification)
            handle = reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        switch (handle.Kind)
        {
            case HandleKind.FieldDefinition:
                Field((FieldDefinitionHandle)handle, isRead);
                break;
            case HandleKind.MethodDefinition:
                Method((MethodDefinitionHandle)handle);
                break;
            case HandleKind.MemberReference:
                Reference(reader.GetMemberReference((MemberReferenceHandle)handle), isRead);
                break;
        }
    }

    /// <summary>A member of an instance of a generic type of this module, or of something in another module.</summary>
    private void Reference(MemberReference reference, bool isRead)
    {
        if (Definition(reference.Parent) is not { IsNil: false } parent)
            return;
        // Generated members are not overloaded: the name is enough, and one too many would only carry one variable too many.
        string name = reader.GetString(reference.Name);
        TypeDefinition type = reader.GetTypeDefinition(parent);
        if (reference.GetKind() == MemberReferenceKind.Field)
        {
            foreach (FieldDefinitionHandle field in type.GetFields())
            {
                if (reader.StringComparer.Equals(reader.GetFieldDefinition(field).Name, name))
                    Field(field, isRead);
            }
        }
        else
        {
            foreach (MethodDefinitionHandle method in type.GetMethods())
            {
                if (reader.StringComparer.Equals(reader.GetMethodDefinition(method).Name, name))
                    Method(method);
            }
        }
    }

    private TypeDefinitionHandle Definition(EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeSpecification)
        {
            BlobReader signature = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
            if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
                return default;
            signature.ReadCompressedInteger();   // class or value type
            parent = signature.ReadTypeHandle();
        }
        return parent.Kind == HandleKind.TypeDefinition ? (TypeDefinitionHandle)parent : default;
    }

    private void Field(FieldDefinitionHandle handle, bool isRead)
    {
        TypeDefinitionHandle type = reader.GetFieldDefinition(handle).GetDeclaringType();
        string name = reader.GetString(reader.GetTypeDefinition(type).Name);
        if (!GeneratedNames.IsGenerated(name))
            return;
        if (isRead)
        {
            read.Add(MetadataTokens.GetToken(handle));
            if (isAddress)
                addressed.Add(MetadataTokens.GetToken(handle));
        }
        else
            assigned.Add(MetadataTokens.GetToken(handle));
        if (!GeneratedNames.IsClosure(name))
            OpenAll(type);
    }

    private void Method(MethodDefinitionHandle handle)
    {
        MethodDefinition method = reader.GetMethodDefinition(handle);
        TypeDefinitionHandle type = method.GetDeclaringType();
        string name = reader.GetString(reader.GetTypeDefinition(type).Name);
        if (GeneratedNames.IsClosure(name))
            Open(handle);
        else if (GeneratedNames.IsGenerated(name))
            OpenAll(type);
        else if (GeneratedNames.IsGenerated(reader.GetString(method.Name)))
            Open(handle);   // a lambda or local function that needed no class
    }

    /// <summary>A state machine: the compiler calls its methods through interfaces and builders.</summary>
    private void OpenAll(TypeDefinitionHandle type)
    {
        foreach (MethodDefinitionHandle method in reader.GetTypeDefinition(type).GetMethods())
            Open(method);
    }
}
