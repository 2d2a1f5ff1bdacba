using System.Reflection.Metadata;

namespace AssemblySurvey.Reading;

/// <summary>Readable names: <c>Namespace.Outer+Inner.Method&lt;T&gt;(int, List&lt;string&gt;)</c>.</summary>
internal static class MethodNames
{
    public static string FullName(MetadataReader reader, MethodDefinitionHandle handle)
    {
        MethodDefinition method = reader.GetMethodDefinition(handle);
        GenericNames generics = new(
            Names(reader, reader.GetTypeDefinition(method.GetDeclaringType()).GetGenericParameters()),
            Names(reader, method.GetGenericParameters()));
        MethodSignature<string> signature = method.DecodeSignature(TypeText.Instance, generics);
        return string.Concat(
            TypeName(reader, method.GetDeclaringType()), ".",
            reader.GetString(method.Name),
            generics.OfMethod.Length == 0 ? "" : $"<{string.Join(", ", generics.OfMethod)}>",
            $"({string.Join(", ", signature.ParameterTypes)})");
    }

    private static string TypeName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        // Only the outermost type carries the namespace.
        TypeDefinition type = reader.GetTypeDefinition(Outermost(reader, handle));
        string space = reader.GetString(type.Namespace);
        string path = TypeText.WithoutArity(reader.GetString(reader.GetTypeDefinition(handle).Name));
        while (Outer(reader, handle) is { IsNil: false } outer)
        {
            path = $"{TypeText.WithoutArity(reader.GetString(reader.GetTypeDefinition(outer).Name))}+{path}";
            handle = outer;
        }
        return space.Length == 0 ? path : $"{space}.{path}";
    }

    /// <summary>Follows the nesting to its end. A file in which two types are nested in each other has no end: no reader should trust that, and this one does.</summary>
    private static TypeDefinitionHandle Outermost(MetadataReader reader, TypeDefinitionHandle handle)
    {
        while (Outer(reader, handle) is { IsNil: false } outer)
            handle = outer;
        return handle;
    }

    private static TypeDefinitionHandle Outer(MetadataReader reader, TypeDefinitionHandle handle) =>
        reader.GetTypeDefinition(handle).GetDeclaringType();

    private static string[] Names(MetadataReader reader, GenericParameterHandleCollection parameters) =>
        [.. parameters.Select(parameter => reader.GetString(reader.GetGenericParameter(parameter).Name))];
}

/// <summary>What <c>!0</c> and <c>!!0</c> in a signature are called.</summary>
internal sealed record GenericNames(string[] OfType, string[] OfMethod);
