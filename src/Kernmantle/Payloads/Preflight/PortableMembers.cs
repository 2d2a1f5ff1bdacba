using System.Reflection;
using Kernmantle.Payloads.FSharp;
using Kernmantle.Payloads.Objects;

namespace Kernmantle.Payloads.Preflight;

/// <summary>Whether an object of a program's own type is made whole again from its public members: every field must be one of them, or stand behind one.</summary>
internal static class PortableMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static Refusal? Check(Type type, Func<Type, Refusal?> walk)
    {
        List<FieldInfo> fields = [];
        for (Type? declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            if (PortableTypes.IsPlatform(declaring))
                return new(PortableTypes.Name(type), $"It derives from {PortableTypes.Name(declaring)}. {KnownTypes.RemedyFor(declaring)}");
            fields.AddRange(declaring.GetFields(Declared));
        }
        // Types of fields first: the serializer's model of some of them does not even exist.
        foreach (FieldInfo field in fields)
        {
            if ((IsPrivate(field) ?? walk(field.FieldType))?.Within(NameOf(field)) is { } refusal)
                return refusal;
        }
        return Construction.Of(type) is { } construction
            ? CheckConstruction(type, fields, construction)
            : new(PortableTypes.Name(type), "It has no public constructor. Make it a record.");
    }

    /// <summary>Whether a value of F#'s union type is made whole again from the fields of its case.</summary>
    public static Refusal? CheckUnion(Type type, Func<Type, Refusal?> walk)
    {
        foreach ((string path, FieldInfo field) in FSharpTypes.CaseFieldsOf(type))
        {
            if (walk(field.FieldType)?.Within(path) is { } refusal)
                return refusal;
        }
        return Construction.IsUnion(type) ? null : new(PortableTypes.Name(type), "It, or what it is made of, is private or internal. Declare the union and its cases as public.");
    }

    private static Refusal? CheckConstruction(Type type, List<FieldInfo> fields, Construction construction)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (FieldInfo field in fields)
        {
            string name = NameOf(field);
            if (!seen.Add(name))
                return new(null, "It is declared by a base as well, and one of the two would be lost.", name);
            if (!construction.Members.Contains(name))
                return new(null, "It is not public or marked as ignored, and would be lost. Make it public.", name);
            if (!construction.Parameters.ContainsKey(name) && !IsSettable(field))
                return new(null, "It has no public setter or init and is no parameter of the constructor: it would be lost. Make it a record's property.", name);
        }
        foreach ((string name, Type parameter) in construction.Parameters)
        {
            if (!fields.Exists(f => f.FieldType == parameter && string.Equals(NameOf(f), name, StringComparison.OrdinalIgnoreCase)))
                return new(PortableTypes.Name(type), $"Its constructor takes '{name}', which is none of its public members. Make it a record.");
        }
        return null;
    }

    private static Refusal? IsPrivate(FieldInfo field) => field.IsPublic || BackedProperty(field) is not null
        ? null
        : new(null, "It is private and would be lost. Make it a public property with init, or pass what is needed as a record.");

    private static bool IsSettable(FieldInfo field) => field.IsPublic
        ? !field.IsInitOnly
        : field.DeclaringType!.GetProperty(NameOf(field), Declared)?.SetMethod is { IsPublic: true };

    /// <summary>The property that the compiler made the field for; null for a field of the programmer's.</summary>
    private static string? BackedProperty(FieldInfo field)
    {
        bool isBacking = field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal) || field.Name.EndsWith(">i__Field", StringComparison.Ordinal);
        return isBacking ? field.Name[1..field.Name.IndexOf('>')] : FSharpTypes.BackedProperty(field);
    }

    /// <summary>The name in the source: a property's, a field's, or a captured parameter's.</summary>
    private static string NameOf(FieldInfo field) => FSharpTypes.BackedProperty(field) is { } property ? property :
        field.Name.StartsWith('<') && field.Name.IndexOf('>') is > 1 and int end ? field.Name[1..end] : field.Name;
}
