using System.Reflection;

namespace Kernmantle.Payloads.FSharp;

/// <summary>What F#'s compiler writes about its types. Found by name: nothing here refers to FSharp.Core, which a program has or has not.</summary>
internal static class FSharpTypes
{
    private const string Core = "FSharp.Core";
    private const string Mapping = "Microsoft.FSharp.Core.CompilationMappingAttribute";

    // Microsoft.FSharp.Core.SourceConstructFlags
    private const int SumType = 1, Closure = 6, KindMask = 31;

    /// <summary>Collections whose constructors and order the serializer knows; they compare by structure, never with a comparer of their own.</summary>
    public static bool IsCollection(Type type) => IsOfCore(type, "Microsoft.FSharp.Collections.FSharpList`1")
        || IsOfCore(type, "Microsoft.FSharp.Collections.FSharpMap`2")
        || IsOfCore(type, "Microsoft.FSharp.Collections.FSharpSet`1");

    /// <summary>Whether F# brings the type: what compares there does so by structure, also what <c>dict</c> makes.</summary>
    public static bool IsOfCore(Type type) => type.Assembly.GetName().Name == Core;

    /// <summary><c>option</c> or <c>voption</c>.</summary>
    public static bool IsOption(Type type) => IsOfCore(type, "Microsoft.FSharp.Core.FSharpOption`1") || IsOfCore(type, "Microsoft.FSharp.Core.FSharpValueOption`1");

    /// <summary><c>unit</c>, whose only value is null.</summary>
    public static bool IsUnit(Type type) => IsOfCore(type, "Microsoft.FSharp.Core.Unit");

    /// <summary><c>Async&lt;'T&gt;</c>: a computation that has not run.</summary>
    public static bool IsAsync(Type type) => IsOfCore(type, "Microsoft.FSharp.Control.FSharpAsync`1");

    /// <summary>A union: its values are objects of nested types, one for each case with fields where there are several.</summary>
    public static bool IsUnion(Type type) => KindOf(type) == SumType && !IsCollection(type);

    /// <summary>A function value.</summary>
    public static bool IsFunction(Type type)
    {
        for (Type? each = type; each is not null; each = each.BaseType)
        {
            if (IsOfCore(each, "Microsoft.FSharp.Core.FSharpFunc`2"))
                return true;
        }
        return false;
    }

    /// <summary>A class that the compiler made of a lambda: its fields are the captured variables, all of which the lambda reads.</summary>
    public static bool IsClosure(Type type) => type.IsClass && type.Name.Contains('@', StringComparison.Ordinal) && (KindOf(type) == Closure || IsFunction(type));

    /// <summary>The fields of a union's cases, with the path to each: <c>Circle.radius</c>.</summary>
    public static IEnumerable<(string Path, FieldInfo Field)> CaseFieldsOf(Type union)
    {
        foreach (Type type in CasesOf(union).Prepend(union))
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                // Besides them there is the number of the case.
                if (field.Name != "_tag")
                    yield return (type == union ? LabelOf(field) : $"{type.Name.TrimStart('_').Split('`')[0]}.{LabelOf(field)}", field);
            }
        }
    }

    /// <summary>The property in the source behind a record's or object's field: <c>Name@</c>.</summary>
    public static string? BackedProperty(FieldInfo field) =>
        field.Name.EndsWith('@') && field.DeclaringType!.GetProperty(field.Name[..^1], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) is not null ? field.Name[..^1] : null;

    private static IEnumerable<Type> CasesOf(Type union) => union.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic)
        .Where(type => type.BaseType is { } parent && (parent == union || (parent.IsGenericType && union.IsGenericType && parent.GetGenericTypeDefinition() == union.GetGenericTypeDefinition())))
        .Select(type => type.IsGenericTypeDefinition ? type.MakeGenericType(union.GetGenericArguments()) : type);

    private static string LabelOf(FieldInfo field) => field.Name.TrimStart('_');

    private static int KindOf(Type type)
    {
        foreach (CustomAttributeData attribute in type.GetCustomAttributesData())
        {
            if (attribute.AttributeType.FullName == Mapping && attribute.ConstructorArguments is [{ Value: int flags }, ..])
                return flags & KindMask;
        }
        return 0;
    }

    private static bool IsOfCore(Type type, string name)
    {
        Type definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        return definition.FullName == name && IsOfCore(definition);
    }
}
