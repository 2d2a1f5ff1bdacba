using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kernmantle.Payloads;

/// <summary>Whether an object of a program's own type is made whole again from its public members: every field must be one of them, or stand behind one.</summary>
internal static class PortableMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static Refusal? Check(Type type, Func<Type, Refusal?> walk)
    {
        string name = PortableTypes.Name(type);
        HashSet<string> parameters = ConstructorParameters(type, out Refusal? refusal);
        if (refusal is not null)
            return refusal;
        for (Type? declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            if (PortableTypes.IsPlatform(declaring))
                return new(name, $"It derives from {PortableTypes.Name(declaring)}. {KnownTypes.RemedyFor(declaring)}");
            foreach (FieldInfo field in declaring.GetFields(Declared))
            {
                if (CheckField(field, declaring, parameters) is { } lost)
                    return lost.Within(name);
                if (walk(field.FieldType) is { } member)
                    return member.Subject.StartsWith(PortableTypes.Name(field.FieldType), StringComparison.Ordinal)
                        ? member with { Subject = $"{name}.{NameOf(field)} ({member.Subject})" }
                        : member.Within($"{name}.{NameOf(field)}");
            }
        }
        return null;
    }

    /// <summary>The constructor that will be used: the one with most parameters, each of which is a member; or the one without.</summary>
    private static HashSet<string> ConstructorParameters(Type type, out Refusal? refusal)
    {
        refusal = null;
        ConstructorInfo[] constructors = [.. type.GetConstructors().Where(c => !IsCopy(c, type))];
        if (type.IsValueType || constructors.Any(static c => c.GetParameters().Length == 0))
        {
            if (constructors.All(static c => c.GetParameters().Length == 0) || constructors.Any(static c => c.GetParameters().Length == 0))
                return Records(type, constructors);
        }
        if (constructors.Length == 0)
            refusal = new(PortableTypes.Name(type), "It has no public constructor. Make it a record.");
        return Records(type, constructors);
    }

    private static HashSet<string> Records(Type type, ConstructorInfo[] constructors)
    {
        ConstructorInfo? chosen = constructors.FirstOrDefault(static c => c.GetParameters().Length == 0);
        if (chosen is null || type.IsValueType)
            chosen = constructors.MaxBy(static c => c.GetParameters().Length);
        return chosen?.GetParameters().Select(static p => p.Name ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
    }

    private static bool IsCopy(ConstructorInfo constructor, Type type) =>
        constructor.GetParameters() is [{ } only] && only.ParameterType == type;

    private static Refusal? CheckField(FieldInfo field, Type declaring, HashSet<string> parameters)
    {
        if (field.IsPublic)
        {
            return field.IsInitOnly && !parameters.Contains(field.Name)
                ? new(field.Name, "It is read-only and no parameter of the constructor: it would be lost. Make it a record's property.")
                : null;
        }
        string? name = BackedProperty(field);
        if (name is null)
            return new(NameOf(field), "It is private and would be lost. Make it a public property with init, or pass what is needed as a record.");
        PropertyInfo? property = declaring.GetProperty(name, Declared);
        if (property?.GetMethod is not { IsPublic: true })
            return new(name, "It is not public and would be lost. Make it public.");
        bool restored = property.SetMethod is { IsPublic: true } || parameters.Contains(name);
        return restored ? null : new(name, "It has no public setter or init and is no parameter of the constructor: it would be lost.");
    }

    /// <summary>The property that the compiler made the field for; null for a field of the programmer's.</summary>
    private static string? BackedProperty(FieldInfo field)
    {
        int end = field.Name.IndexOf('>');
        return field.Name.StartsWith('<') && end > 1 && (field.Name.EndsWith("k__BackingField", StringComparison.Ordinal) || field.Name.EndsWith("i__Field", StringComparison.Ordinal))
            ? field.Name[1..end]
            : null;
    }

    private static string NameOf(FieldInfo field) =>
        BackedProperty(field) ?? (field.Name.StartsWith('<') && field.Name.IndexOf('>') is > 1 and int end ? field.Name[1..end] : field.Name);
}
