using System.Reflection;
using Kernmantle.Payloads;
using Kernmantle.Payloads.FSharp;

namespace Kernmantle.Functions.Capturing;

/// <summary>Decides how the target of a function crosses.</summary>
internal static class Captures
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <exception cref="NotPortableException">A captured variable, or the target itself, cannot cross.</exception>
    public static CapturedTarget Of(object? target, MethodInfo method)
    {
        if (target is null)
            return new NoTarget();
        Type type = target.GetType();
        if (IsStateless(type))
            return new StatelessTarget(type);
        if (FSharpTypes.IsClosure(type))
            return OfClosure(type, null);
        return GeneratedNames.IsClosure(type) ? OfClosure(type, ClosureReads.Of(method)) : OfValue(type);
    }

    /// <param name="type">The type.</param>
    /// <param name="isChecked">In a worker: the host has checked it.</param>
    /// <exception cref="NotPortableException">No object of this type can cross.</exception>
    public static CapturedTarget OfValue(Type type, bool isChecked = false)
    {
        try
        {
            return Reflected.With<Func<bool, CapturedTarget>>(CreateValue<object>, type)(isChecked);
        }
        catch (NotPortableException e)
        {
            throw Refusals.Named("The captured this", type, e);
        }
    }

    /// <summary>A function value of F#, or what it captures.</summary>
    /// <exception cref="NotPortableException">What it captures cannot cross, or no lambda made it.</exception>
    public static CapturedTarget OfFunction(Type type) => IsStateless(type) ? new StatelessTarget(type)
        : FSharpTypes.IsClosure(type) ? OfClosure(type, null)
        : throw new NotPortableException(GeneratedNames.Of(type), "It is an object of its own that no lambda made. Call it from a lambda, and make it there.");

    private static ValueTarget<T> CreateValue<T>(bool isChecked) => new(isChecked ? Codecs.ForChecked<T>() : Codecs.For<T>());

    private static ClosureTarget OfClosure(Type type, ClosureReads? reads)
    {
        var fields = new List<CapturedField>();
        var assigned = new List<string>();
        bool isOnlyRead = reads?.Read is not null;
        foreach (FieldInfo field in type.GetFields(Declared))
        {
            if (GeneratedNames.IsDelegateCache(field.Name))
                continue;
            if (reads?.Assigned.Contains(field.MetadataToken) == true)
                assigned.Add(GeneratedNames.OfVariable(field));
            isOnlyRead &= reads?.Assigned.Contains(field.MetadataToken) == false && !reads.Addressed.Contains(field.MetadataToken);
            if (reads?.Read?.Contains(field.MetadataToken) == false)
                continue;
            fields.Add(GeneratedNames.IsClosure(field.FieldType) ? new OuterClosure(field, OfClosure(field.FieldType, reads)) : CapturedField.Of(field));
        }
        return new(type, fields, [.. assigned, .. fields.OfType<OuterClosure>().SelectMany(static outer => outer.Outer.Assigned)], isOnlyRead);
    }

    /// <summary>An object without fields is nothing but its type.</summary>
    private static bool IsStateless(Type type)
    {
        if (type.IsArray || type == typeof(string) || !type.IsClass)
            return false;
        for (Type? declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (declaring.GetFields(Declared).Length > 0)
                return false;
        }
        return true;
    }
}
